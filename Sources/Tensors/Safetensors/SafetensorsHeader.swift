import InfraCore

/// A parsed and validated safetensors header.
///
/// The rules are those of the reference library: offsets start at zero and cover the rest of the
/// file without overlap or hole, and each range holds exactly the bytes its dtype and shape ask
/// for. Headers come from strangers; every rule is checked before a byte of data is touched.
struct SafetensorsHeader: Sendable {
    /// The largest header accepted, in bytes: the reference library's limit.
    static let maximumByteCount = 100_000_000
    /// The most axes a tensor may have.
    static let maximumRank = 64

    /// The tensors, in file order of their data.
    private(set) var entries: [SafetensorsEntry]
    /// Where each name stands in ``entries``.
    private(set) var indices: [String: Int]
    /// The free-form strings under `__metadata__`.
    private(set) var metadata: [String: String]

    /// Parses a header.
    ///
    /// - Parameters:
    ///   - bytes: The JSON text, with its padding.
    ///   - dataByteCount: How many bytes follow the header in the file.
    init(parsing bytes: UnsafeRawBufferPointer, dataByteCount: Int) throws(TensorError) {
        var parser = SafetensorsHeaderParser(bytes)
        let parsed = try parser.parse()
        entries = parsed.entries
        metadata = parsed.metadata
        // Nearly every file lists tensors in data order; sorting a sorted array is cheap.
        entries.sort {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        indices = Dictionary(minimumCapacity: entries.count)
        var expectedStart = 0
        for (index, entry) in entries.enumerated() {
            try Self.checkSize(of: entry)
            guard entry.byteRange.lowerBound == expectedStart else {
                let fault =
                    entry.byteRange.lowerBound < expectedStart ? "overlaps" : "leaves a hole after"
                throw TensorError(
                    .malformedFile,
                    "tensor \(entry.name) starts at data offset \(entry.byteRange.lowerBound), which "
                        + "\(fault) the bytes before it; they end at \(expectedStart)"
                )
            }
            guard indices.updateValue(index, forKey: entry.name) == nil else {
                throw TensorError(
                    .malformedFile,
                    "tensor \(entry.name) appears twice in the header"
                )
            }
            expectedStart = entry.byteRange.upperBound
        }
        guard expectedStart == dataByteCount else {
            throw TensorError(
                .malformedFile,
                "the header describes \(expectedStart) bytes of data, but the file holds "
                    + "\(dataByteCount); it may have been cut off"
            )
        }
    }

    private static func checkSize(of entry: SafetensorsEntry) throws(TensorError) {
        guard let bits = StoredDType.bitCount(of: entry.dtypeName) else {
            throw TensorError(
                .malformedFile,
                "tensor \(entry.name) has dtype \(entry.dtypeName), which safetensors does not define"
            )
        }
        var total = bits
        for length in entry.shape {
            let (product, overflows) = total.multipliedReportingOverflow(by: length)
            guard !overflows else {
                throw TensorError(
                    .malformedFile,
                    "tensor \(entry.name) of shape \(entry.shape) has more bits than 2^63"
                )
            }
            total = product
        }
        guard total.isMultiple(of: 8), total / 8 == entry.byteRange.count else {
            throw TensorError(
                .malformedFile,
                "tensor \(entry.name) takes \(entry.byteRange.count) bytes, but shape \(entry.shape) "
                    + "of \(entry.dtypeName) needs \((total + 7) / 8)"
            )
        }
    }
}
