/// What a kernel takes of a multiprocessor, as the assembler reports it.
public struct KernelResources: Sendable, Hashable, Codable {
    /// 32-bit registers of a thread.
    public var registersPerThread = 0
    /// Local memory of a thread in bytes.
    public var stackByteCount = 0
    /// Bytes that a thread writes to local memory because registers ran out, summed over the code.
    public var spillStoreByteCount = 0
    /// Bytes that a thread reads back.
    public var spillLoadByteCount = 0
    /// Shared memory that the code declares with a fixed size, in bytes.
    public var staticSharedByteCount = 0

    /// Whether registers ran out.
    public var spills: Bool { spillStoreByteCount > 0 || spillLoadByteCount > 0 }

    /// No resources.
    public init() {}

    /// Reads the report of one kernel from a log that `--ptxas-options=-v` made.
    ///
    /// - Parameters:
    ///   - log: The compiler's log.
    ///   - symbol: The kernel; the log may report several.
    /// - Returns: `nil` if the log has no report of the kernel.
    public init?(log: String, symbol: String) {
        var isInside = false
        var isComplete = false
        for line in log.split(whereSeparator: \.isNewline) {
            if line.contains("Compiling entry function '") {
                isInside = line.contains("'\(symbol)'")
            } else if isInside, line.contains("bytes stack frame") {
                stackByteCount = Self.number(before: "bytes stack frame", in: line)
                spillStoreByteCount = Self.number(before: "bytes spill stores", in: line)
                spillLoadByteCount = Self.number(before: "bytes spill loads", in: line)
            } else if isInside, line.contains("Used "), line.contains(" registers") {
                registersPerThread = Self.number(before: "registers", in: line)
                staticSharedByteCount = Self.number(before: "bytes smem", in: line)
                isComplete = true
            }
        }
        if !isComplete { return nil }
    }

    /// The number in front of `label`; zero if the line has no such label.
    private static func number(before label: String, in line: Substring) -> Int {
        guard let range = line.firstRange(of: label) else { return 0 }
        let digits = line[..<range.lowerBound].split(separator: " ").last ?? ""
        return Int(digits) ?? 0
    }
}
