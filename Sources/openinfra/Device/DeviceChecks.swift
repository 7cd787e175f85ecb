import CUDADriver
import DeviceRuntime
import InfraCore

/// Checks of everything that kernels rely on, in order of growing demands.
struct DeviceChecks {
    let gpu: GPU
    let ordinal: Int

    init(_ gpu: GPU, ordinal: Int) {
        self.gpu = gpu
        self.ordinal = ordinal
    }

    /// What is expected of the device and did not happen.
    struct Finding: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// Runs all checks; a failed one does not stop the others.
    func run() -> [DeviceReport.Outcome] {
        let checks: [(String, () throws -> String)] = [
            ("copies to the device and back", copies),
            ("kernel with programmatic dependent launch", dependentLaunches),
            ("graph replay", graphReplay),
            ("clusters with 100 KB of shared memory a block", clusters),
            ("copy engine with a tensor map", copyEngine),
            ("repeated call through a launch plan", launchCost),
            ("memory shared with a process by file descriptor", sharedDescriptor),
            ("memory shared with a process by IPC handle", sharedHandle),
            ("errors leave the context usable", errorsAndRecovery),
            ("a wait for a stuck kernel ends", boundedWait),
            ("copy bandwidth", bandwidth),
        ]
        return checks.map { name, check in
            do {
                return DeviceReport.Outcome(name: name, hasPassed: true, detail: try check())
            } catch {
                return DeviceReport.Outcome(name: name, hasPassed: false, detail: "\(error)")
            }
        }
    }

    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw Finding(message()) }
    }
}
