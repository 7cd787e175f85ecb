import DualPipe
import Training

/// What `openinfra quickstart` prints in the end. Losses are nats a token.
struct QuickstartSummary: Encodable {
    var steps: Int
    var resumedAfterStep: Int
    var parameters: Int
    var tokens: Int
    var trainingSeconds: Double
    var tokensPerSecond: Double
    var loss: Double
    var heldOutLoss: Double?
    var reloadedHeldOutLoss: Double
    var unigramEntropy: Double
    var bubbleShare: Double?
    var simulatedBubbleShare: Double?
    var prompt: String
    var sample: String
    var checkpoint: String
    var report: String
    var trace: String

    init(
        result: TrainingResult,
        settings: TrainingSettings,
        unigramEntropy: Double,
        reloadedHeldOutLoss: Double,
        measurement: PipelineMeasurement?,
        prompt: String,
        sample: String,
        report: String,
        trace: String
    ) {
        steps = result.steps.count
        resumedAfterStep = result.resumedAfterStep
        parameters = result.parameterCount
        tokens = settings.tokensPerStep * result.steps.count
        trainingSeconds = result.steps.reduce(0) { $0 + $1.seconds }
        tokensPerSecond = Double(tokens) / max(trainingSeconds, 1e-9)
        loss = result.steps.last?.loss ?? .nan
        heldOutLoss = result.heldOutLoss
        self.reloadedHeldOutLoss = reloadedHeldOutLoss
        self.unigramEntropy = unigramEntropy
        bubbleShare = measurement?.bubbleShare
        simulatedBubbleShare = measurement?.simulatedBubbleShare
        self.prompt = prompt
        self.sample = sample
        checkpoint = result.checkpointPath
        self.report = report
        self.trace = trace
    }

    /// The summary as lines.
    var text: String {
        let held = heldOutLoss.map { "\(digits($0))" } ?? "not measured"
        var lines = [
            "",
            "trained      \(parameters) parameters, \(steps) steps, \(tokens) tokens, "
                + "\(Int(tokensPerSecond)) tokens/s",
            "held-out     \(held) nats a token (reloaded: \(digits(reloadedHeldOutLoss))), "
                + "unigram entropy \(digits(unigramEntropy))",
        ]
        if let bubbleShare, let simulatedBubbleShare {
            lines.append(
                "bubble       \(digits(bubbleShare * 100)) % measured, "
                    + "\(digits(simulatedBubbleShare * 100)) % simulated"
            )
        }
        lines += [
            "checkpoint   \(checkpoint)",
            "report       \(report)",
            "trace        \(trace)",
            "",
            "sample       \(prompt)\(printable(sample))",
            "",
            "Go on with:  openinfra generate --model \(checkpoint) --prompt \"\(prompt)\" "
                + "--temperature 0.7",
        ]
        return lines.joined(separator: "\n")
    }

    /// Control characters, which a young model writes and a terminal obeys, become visible.
    private func printable(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isControl = byte < 0x20 && byte != 0x0A && byte != 0x09 || byte == 0x7F
            bytes.append(isControl ? UInt8(ascii: "?") : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func digits(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
