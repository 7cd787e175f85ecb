package import CCUDA
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A compiler that compiles nothing, for tests: the machine code is the source's text, and the log
/// reports a kernel named `kernel`. Source that contains `oops` fails.
package enum SimulatedCompiler {
    private static let compilations = Mutex<[String: Int]>([:])

    /// How often a text was compiled in this process.
    package static func compilationCount(of text: String) -> Int {
        compilations.withLock { $0[text] ?? 0 }
    }

    /// The log of every compilation that succeeds.
    package static let log = """
        ptxas info    : Compiling entry function 'kernel' for 'sm_90a'
        ptxas info    : Function properties for kernel
        ptxas         .     16 bytes stack frame, 8 bytes spill stores, 4 bytes spill loads
        ptxas info    : Used 42 registers, used 1 barriers, 16 bytes cumulative stack size, 256 bytes smem
        """

    private final class Program: Sendable {
        let text: String
        let log = Mutex("")
        init(_ text: String) { self.text = text }
    }

    private static func program(_ pointer: OpaquePointer?) -> Program? {
        pointer.map { Unmanaged<Program>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    private nonisolated(unsafe) static let errorText = UnsafePointer(strdup("SIMULATED_ERROR"))
    private nonisolated(unsafe) static let loweredName = UnsafePointer(strdup("kernel"))

    /// The compiler's table.
    package static func table() -> oi_nvrtc_api {
        var api = oi_nvrtc_api()
        api.getErrorString = { _ in SimulatedCompiler.errorText }
        api.version = { major, minor in
            major?.pointee = 13
            minor?.pointee = 0
            return 0
        }
        api.createProgram = { program, text, _, _, _, _ in
            guard let text else { return 3 }
            let made = Unmanaged.passRetained(Program(String(cString: text)))
            program?.pointee = OpaquePointer(made.toOpaque())
            return 0
        }
        api.destroyProgram = { program in
            if let pointer = program?.pointee {
                Unmanaged<Program>.fromOpaque(UnsafeRawPointer(pointer)).release()
            }
            return 0
        }
        api.addNameExpression = { _, _ in 0 }
        api.compileProgram = { pointer, _, _ in
            guard let program = SimulatedCompiler.program(pointer) else { return 4 }
            SimulatedCompiler.compilations.withLock { $0[program.text, default: 0] += 1 }
            // Long enough for concurrent callers to meet.
            usleep(20_000)
            let fails = program.text.contains("oops")
            program.log.withLock { $0 = fails ? "error: oops is undefined" : SimulatedCompiler.log }
            return fails ? 6 : 0
        }
        api.getLoweredName = { _, _, name in
            name?.pointee = SimulatedCompiler.loweredName
            return 0
        }
        api.getProgramLogSize = { pointer, size in
            size?.pointee =
                (SimulatedCompiler.program(pointer)?.log.withLock { $0.utf8.count } ?? 0) + 1
            return 0
        }
        api.getProgramLog = { pointer, text in
            guard let text, let log = SimulatedCompiler.program(pointer)?.log.withLock({ $0 })
            else { return 4 }
            strcpy(text, log)
            return 0
        }
        api.getCUBINSize = { pointer, size in
            size?.pointee = SimulatedCompiler.program(pointer)?.text.utf8.count ?? 0
            return 0
        }
        api.getCUBIN = { pointer, image in
            guard let image, let program = SimulatedCompiler.program(pointer) else { return 4 }
            memcpy(image, program.text, program.text.utf8.count)
            return 0
        }
        return api
    }
}
