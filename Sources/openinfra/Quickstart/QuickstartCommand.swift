import ArgumentParser
import InfraCore
import Training

/// The main job: real text in, a trained, saved, reloaded model and its report out.
struct QuickstartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Train a small DeepSeek-V3-architecture model on real text, then use it.",
        discussion: """
            Trains a mixture-of-experts model with latent attention on CPU ranks under the \
            DualPipeV schedule, writes checkpoints, loads the last one again, checks that it \
            computes what was trained, generates a sample, and writes OUT/report.html and \
            OUT/trace.json. An interrupted run goes on from its last checkpoint.

            Examples:
              openinfra quickstart
              openinfra quickstart --corpus /usr/share/common-licenses --steps 200
              openinfra quickstart --expert-ranks 2 --out /tmp/moe --json
            """
    )

    @Option(
        help: ArgumentHelp(
            "A text file, or a folder whose text files are read. (default: the manual of Perl "
                + "from Debian's perl-doc, or else /usr/share/common-licenses)",
            valueName: "path"
        )
    )
    var corpus: String?

    @Option(help: "Optimizer steps of the whole run.")
    var steps = QuickstartJob.defaultSteps

    @Option(help: ArgumentHelp("Where checkpoints and the report go.", valueName: "dir"))
    var out = "out/quickstart"

    @Option(help: "Ranks that share the experts and split the batch; each adds a pipeline.")
    var expertRanks = 1

    @Option(help: "Everything random follows from it.")
    var seed: UInt64 = 1

    @Flag(help: "Remove the checkpoints of an earlier run in --out and start anew.")
    var fresh = false

    @Flag(help: "Print the figures as one JSON object.")
    var json = false

    func validate() throws {
        if steps < 1 {
            throw ValidationError("--steps is \(steps); it must be at least 1")
        }
        if ![1, 2, 4, 8].contains(expertRanks) {
            throw ValidationError(
                "--expert-ranks is \(expertRanks); the 8 experts divide over 1, 2, 4 or 8 ranks"
            )
        }
        if out.isEmpty { throw ValidationError("--out is empty; name a folder") }
        if corpus?.isEmpty == true { throw ValidationError("--corpus is empty; name a file") }
    }

    func run() async throws {
        var settings = QuickstartJob.settings(steps: steps)
        settings.expertRanks = expertRanks
        settings.seed = seed
        let job = QuickstartJob(
            corpusPath: try corpus ?? defaultCorpus(),
            outputFolder: out,
            settings: settings,
            startsAnew: fresh
        )
        let summary = try await job.run()
        if json {
            try Console.printJSON(summary)
        } else {
            print(summary.text)
        }
    }

    private func defaultCorpus() throws -> String {
        guard let path = Corpus.defaultPath() else {
            throw ValidationError(
                "--corpus is missing and no text was found on this machine; install perl-doc "
                    + "(Debian: apt-get install perl-doc) or name a file"
            )
        }
        return path
    }
}
