package import CCUDA
import InfraCore

extension Driver {
    /// Throws what `status` means unless it is success.
    ///
    /// - Parameters:
    ///   - status: What a driver call returned.
    ///   - function: The call.
    ///   - arguments: Its arguments, named; made only on failure.
    ///   - what: What was being done; made only on failure.
    @inline(__always)
    package func check(
        _ status: oi_cu_result,
        _ function: StaticString,
        _ arguments: @autoclosure () -> String,
        file: String = #fileID,
        line: Int = #line,
        _ what: () -> String = { "a CUDA call failed" }
    ) throws(CUDAError) {
        if status == 0 { return }
        throw failure(status, "\(function)", arguments(), what(), file: file, line: line)
    }

    /// The error that stands for a status other than success.
    package func failure(
        _ status: oi_cu_result,
        _ function: String,
        _ arguments: String,
        _ what: String,
        file: String = #fileID,
        line: Int = #line
    ) -> CUDAError {
        CUDAError(
            Self.code(for: status),
            what,
            cause: CUDACallFailure(
                function: function,
                arguments: arguments,
                status: status,
                name: text(status, api.getErrorName) ?? "an unknown error",
                explanation: text(status, api.getErrorString) ?? "no explanation"
            ),
            file: file,
            line: line
        )
    }

    private func text(
        _ status: oi_cu_result,
        _ function: (
            @convention(c) (oi_cu_result, UnsafeMutablePointer<UnsafePointer<CChar>?>?) ->
                oi_cu_result
        )?
    ) -> String? {
        var pointer: UnsafePointer<CChar>?
        guard let function, function(status, &pointer) == 0, let pointer else { return nil }
        return String(cString: pointer)
    }

    /// What kind of failure a status is; the numbers are those of `CUresult`.
    static func code(for status: oi_cu_result) -> CUDAErrorCode {
        switch status {
        case 2: .outOfMemory
        // Invalid value, device, handle; too many resources or threads; cooperative grid or
        // cluster too large. The context stays usable after these.
        case 1, 101, 400, 701, 720, 912: .invalidArgument
        case 100: .deviceMissing
        // No binary for this GPU, invalid image or PTX, unsupported PTX version.
        case 200, 209, 218, 222: .wrongArchitecture
        case 801, 803, 804: .notSupported
        // Uncorrectable ECC and NVLink errors, illegal address, timeout, assertion, and the other
        // faults of a running kernel.
        case 214, 220, 700, 702, 709, 710, 714...719: .contextLost
        default: .callFailed
        }
    }
}
