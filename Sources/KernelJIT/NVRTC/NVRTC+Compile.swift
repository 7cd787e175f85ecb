import CCUDA
public import InfraCore

/// What the compiler made of one source file.
public struct CompilerOutput: Sendable {
    /// Machine code; empty if there is none.
    public var image: [UInt8]
    /// What the compiler said: warnings, and the assembler's report of resources.
    public var log: String
    /// The symbol of each name expression that was asked for.
    public var symbols: [String: String]
}

extension NVRTC {
    /// Compiles a source file to machine code. Takes from tenths of a second to seconds.
    ///
    /// - Parameters:
    ///   - source: The file and what it includes.
    ///   - options: The compiler's options, such as `--gpu-architecture=sm_90a`.
    ///   - nameExpressions: C++ expressions that name kernels, such as `gemm<128, 64>`; templates
    ///     are instantiated for them.
    /// - Throws: ``KernelErrorCode/compilationFailed`` with the log, or
    ///   ``KernelErrorCode/compilerFailed``.
    public func compile(
        _ source: KernelSource,
        options: [String],
        nameExpressions: [String] = []
    ) throws(KernelError) -> CompilerOutput {
        let headers = source.headers.sorted { $0.key < $1.key }
        var program: OpaquePointer?
        let created = CStrings.withPointers(headers.map(\.value)) { texts in
            CStrings.withPointers(headers.map(\.key)) { names in
                api.createProgram(
                    &program,
                    source.text,
                    source.fileName,
                    Int32(headers.count),
                    texts,
                    names
                )
            }
        }
        try check(created, "nvrtcCreateProgram", source)
        defer { _ = api.destroyProgram(&program) }

        for expression in nameExpressions {
            try check(api.addNameExpression(program, expression), "nvrtcAddNameExpression", source)
        }
        let status = CStrings.withPointers(options) { pointers in
            api.compileProgram(program, Int32(options.count), pointers)
        }
        let log = try readLog(of: program, source)
        guard status == 0 else { throw failure(status, source, options: options, log: log) }

        var symbols: [String: String] = [:]
        for expression in nameExpressions {
            var symbol: UnsafePointer<CChar>?
            try check(
                api.getLoweredName(program, expression, &symbol),
                "nvrtcGetLoweredName",
                source
            )
            symbols[expression] = symbol.map { String(cString: $0) }
        }
        return CompilerOutput(
            image: try readImage(of: program, source),
            log: log,
            symbols: symbols
        )
    }

    private func readImage(
        of program: OpaquePointer?,
        _ source: KernelSource
    ) throws(KernelError) -> [UInt8] {
        var byteCount = 0
        try check(api.getCUBINSize(program, &byteCount), "nvrtcGetCUBINSize", source)
        var status: Int32 = 0
        let image = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) {
                status = api.getCUBIN(program, $0.baseAddress)
            }
            count = status == 0 ? byteCount : 0
        }
        try check(status, "nvrtcGetCUBIN", source)
        guard !image.isEmpty else {
            throw KernelError(
                .compilerFailed,
                "NVRTC made no machine code of \(source.fileName); the architecture must be a real "
                    + "one, such as sm_90a, not a virtual one, such as compute_90a"
            )
        }
        return image
    }

    private func readLog(
        of program: OpaquePointer?,
        _ source: KernelSource
    ) throws(KernelError) -> String {
        var byteCount = 0
        try check(api.getProgramLogSize(program, &byteCount), "nvrtcGetProgramLogSize", source)
        var log = [CChar](repeating: 0, count: byteCount + 1)
        try check(api.getProgramLog(program, &log), "nvrtcGetProgramLog", source)
        return String(decoding: log.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func failure(
        _ status: Int32,
        _ source: KernelSource,
        options: [String],
        log: String
    ) -> KernelError {
        let code: KernelErrorCode =
            status == Int32(OI_NVRTC_ERROR_COMPILATION) ? .compilationFailed : .compilerFailed
        return KernelError(
            code,
            "\(source.fileName) does not compile with \(options.joined(separator: " ")): NVRTC "
                + "\(version) says \(text(status)) (\(status))\(log.isEmpty ? "" : "\n")\(log)"
        )
    }

    private func check(
        _ status: Int32,
        _ function: StaticString,
        _ source: KernelSource
    ) throws(KernelError) {
        if status == 0 { return }
        throw KernelError(
            .compilerFailed,
            "\(function) returned \(text(status)) (\(status)) for \(source.fileName)"
        )
    }

    private func text(_ status: Int32) -> String {
        api.getErrorString(status).map { String(cString: $0) } ?? "an unknown error"
    }
}
