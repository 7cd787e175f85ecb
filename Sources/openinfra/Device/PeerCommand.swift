import ArgumentParser
import CUDADriver
import InfraCore

#if canImport(Glibc)
    import Glibc
#endif

extension DeviceCommand {
    /// `openinfra device peer`: the second process of two checks; started by `verify`.
    struct PeerCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "peer",
            abstract: "Check and rewrite memory of another process.",
            discussion: """
                `openinfra device verify` starts this command itself and hands it the memory.

                Examples:
                  openinfra device peer --byte-count 4194304 --descriptor 36
                """,
            shouldDisplay: false
        )

        @Option(help: "The GPU's number.")
        var device = 0

        @Option(help: "The size of the memory.")
        var byteCount: Int

        @Option(help: "An inherited file descriptor that stands for the memory.")
        var descriptor: Int32?

        @Option(help: "An IPC handle: 64 bytes in hexadecimal, joined by dots.")
        var handle: String?

        func run() throws {
            let context = try CUDAContext(Driver.shared().device(device))
            if let descriptor {
                let shared = try SharedAllocation(
                    importing: descriptor,
                    byteCount: byteCount,
                    context
                )
                try rewrite(shared.range)
            } else if let handle {
                let bytes = handle.split(separator: ".").compactMap { UInt8($0, radix: 16) }
                let buffer = try ImportedBuffer(
                    IPCHandle(bytes: bytes),
                    byteCount: byteCount,
                    context
                )
                try rewrite(buffer.range)
            } else {
                throw ValidationError("--descriptor and --handle are missing; one is needed")
            }
        }

        private func rewrite(_ range: DeviceRange) throws {
            let stream = try CUDAStream(range.context)
            var bytes = [UInt8](repeating: 0, count: range.byteCount)
            try bytes.withUnsafeMutableBytes { try range.download(to: $0, on: stream) }
            guard bytes.allSatisfy({ $0 == DeviceChecks.marks.before }) else {
                throw DeviceChecks.Finding("the memory does not hold what the first process wrote")
            }
            try range.fill(DeviceChecks.marks.after, on: stream)
            try stream.synchronize()
        }
    }
}
