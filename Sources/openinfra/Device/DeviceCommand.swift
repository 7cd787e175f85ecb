import ArgumentParser

/// `openinfra device`: GPUs and what the program relies on there.
struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Check a GPU and measure what it gives at best.",
        subcommands: [VerifyCommand.self, PeerCommand.self]
    )
}
