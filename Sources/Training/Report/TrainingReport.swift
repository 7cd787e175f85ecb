public import DualPipe
import FoundationEssentials
import InfraCore
public import TraceAnalysis

/// A run as one self-contained web page: figures, loss curve, pipeline timeline, expert loads and
/// generated text. No script, nothing fetched.
public struct TrainingReport: Sendable {
    /// What was trained.
    public var result: TrainingResult
    /// How it was trained.
    public var settings: TrainingSettings
    /// Where the text came from.
    public var corpusPath: String
    /// How many bytes of text there were.
    public var corpusByteCount: Int
    /// The corpus's unigram entropy, in nats a token.
    public var unigramEntropy: Double
    /// What the sample continues.
    public var prompt: String
    /// What the reloaded model wrote after the prompt.
    public var sample: String
    /// The last step beside its simulation; `nil` if no step ran in this start.
    public var measurement: PipelineMeasurement?
    /// The analysis of the last step's trace; `nil` if no step ran in this start.
    public var overlap: TraceSummary?

    /// Collects what the page shows.
    public init(
        result: TrainingResult,
        settings: TrainingSettings,
        corpusPath: String,
        corpusByteCount: Int,
        unigramEntropy: Double,
        prompt: String,
        sample: String,
        measurement: PipelineMeasurement?,
        overlap: TraceSummary?
    ) {
        self.result = result
        self.settings = settings
        self.corpusPath = corpusPath
        self.corpusByteCount = corpusByteCount
        self.unigramEntropy = unigramEntropy
        self.prompt = prompt
        self.sample = sample
        self.measurement = measurement
        self.overlap = overlap
    }

    /// Writes the page.
    ///
    /// - Throws: ``TrainingErrorCode/fileFailure``, or the placement's error for loads that no
    ///   run can have.
    public func write(to path: String) throws {
        let page = try html()
        do {
            try Data(page.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw TrainingError(.fileFailure, "cannot write \(path)", cause: error)
        }
    }

    /// The page.
    ///
    /// - Throws: The placement's error for loads that no run can have.
    public func html() throws -> String {
        let loads = ExpertLoadHistory(result.steps)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>OpenInfra quickstart report</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1>OpenInfra quickstart</h1>
            <p class="lead">\(lead)</p>
            \(figures)
            <section><h2>Loss</h2>
            <p>Nats a token. A model that knows only how frequent each token is would stay at the \
            dashed line, the unigram entropy of the corpus.</p>
            \(LossChart(steps: result.steps, unigramEntropy: unigramEntropy).svg)</section>
            \(pipeline)
            \(overlapSection)
            \(expertLoadSection(loads))
            \(try placementSection(loads.late))
            <section><h2>Generated text</h2>
            <p>Written by the model after its checkpoint was loaded again. The prompt is set in \
            bold.</p>
            <pre><strong>\(prompt.htmlEscaped)</strong>\(sample.htmlEscaped)</pre></section>
            </main>
            </body>
            </html>

            """
    }

    private var lead: String {
        "A DeepSeek-V3-architecture model (multi-head latent attention, mixture of experts) of "
            + "\(grouped(result.parameterCount)) parameters, trained on "
            + "\(grouped(corpusByteCount)) bytes of text from <code>"
            + "\(corpusPath.htmlEscaped)</code> by \(settings.rankCount) ranks under the "
            + "\(settings.schedule.rawValue) schedule."
    }

    private var figures: String {
        let last = result.steps.suffix(max(1, result.steps.count / 10))
        let seconds = result.steps.reduce(0) { $0 + $1.seconds }
        let tokens = settings.tokensPerStep * result.steps.count
        var cards = [
            ("held-out loss", (result.heldOutLoss ?? .nan).formatted(places: 3), "nats a token"),
            ("unigram entropy", unigramEntropy.formatted(places: 3), "nats a token"),
            (
                "training loss",
                (last.reduce(0) { $0 + $1.loss } / Double(max(1, last.count))).formatted(places: 3),
                "mean of the last tenth"
            ),
            (
                "tokens learned from", grouped(tokens),
                "\(grouped(Int(Double(tokens) / max(seconds, 1e-9)))) a second"
            ),
        ]
        if let measurement {
            cards.append(
                (
                    "pipeline bubble", percent(measurement.bubbleShare),
                    "\(percent(measurement.simulatedBubbleShare)) simulated"
                )
            )
        }
        let items = cards.map { name, value, note in
            "<div class=\"card\"><span>\(name)</span><b>\(value)</b><small>\(note)</small></div>"
        }
        return "<div class=\"cards\">\(items.joined())</div>"
    }

    private var pipeline: String {
        guard let measurement else { return "" }
        let rows = measurement.bubbles.indices.map { rank in
            let measured = measurement.bubbles[rank] / measurement.makespan
            let simulated =
                measurement.simulation.ranks[rank].bubble / measurement.simulation.makespan
            return "<tr><td>rank \(rank)</td><td>\(percent(measured))</td>"
                + "<td>\(percent(simulated))</td></tr>"
        }
        return """
            <section><h2>Pipeline</h2>
            <p>The last step, operation by operation: F forward, B backward, Bi its \
            input-gradient half, W its weight-gradient half. The bubble is the share of the step \
            in which a rank computed nothing. Simulated, the same operations take as long as they \
            took, messages take no time, and an overlapped pair delivers both results at its \
            end, where the executor sends the first as soon as it is known.</p>
            <div class="picture">\(PipelineTimeline(measurement, width: 760).svg)</div>
            <table><thead><tr><th></th><th>bubble measured</th><th>bubble simulated</th></tr>\
            </thead><tbody>\(rows.joined())</tbody></table></section>
            """
    }

    private func expertLoadSection(_ loads: ExpertLoadHistory) -> String {
        guard !loads.late.isEmpty else { return "" }
        return """
            <section><h2>Expert load</h2>
            <p>Tokens each expert received, relative to an even load (dashed): pale in the first \
            fifth of the run, dark in the last. Balancing moves a bias on each expert's score; \
            there is no auxiliary loss.</p>
            \(loads.chart.svg)</section>
            """
    }

    private func percent(_ share: Double) -> String { (share * 100).formatted(places: 1) + " %" }

    private func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        for index in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert("\u{202F}", at: index)
        }
        return String(digits)
    }
}
