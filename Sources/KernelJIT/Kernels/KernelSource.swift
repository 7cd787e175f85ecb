/// A CUDA C++ file and the files it includes, all in memory.
public struct KernelSource: Sendable, Hashable {
    /// The name in messages, such as `sm90_fp8_gemm.cu`.
    public var fileName: String
    /// The text.
    public var text: String
    /// The text of each file that an `#include` may name. Nothing else is ever included: what a
    /// kernel is made of does not depend on the machine.
    public var headers: [String: String]

    /// Describes a source file.
    ///
    /// - Parameters:
    ///   - fileName: The name in messages.
    ///   - text: The text.
    ///   - headers: The text of each file that an `#include` may name.
    public init(fileName: String, text: String, headers: [String: String] = [:]) {
        self.fileName = fileName
        self.text = text
        self.headers = headers
    }

    /// Reads text that a C file embeds with `#embed`.
    ///
    /// - Parameters:
    ///   - bytes: The first byte; it must stay valid during the call.
    ///   - count: How many there are.
    /// - Returns: The text.
    public static func text(embedded bytes: UnsafePointer<UInt8>, count: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
