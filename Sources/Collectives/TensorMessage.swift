import InfraCore
import Tensors
import Transport

/// Lists of tensors as messages: shapes and dtypes in the header, one payload a tensor.
///
/// Header: the count, then for each tensor one byte (0 absent, else 1 + the dtype's position in
/// `DType.allCases`), and if present its rank as a byte and its axes as 64-bit integers.
enum TensorMessage {
    /// Most axes of a tensor.
    static let maximumRank = 255

    static func encode(_ tensors: [HostTensor?]) throws(CollectiveError) -> Message {
        var message = Message()
        append(UInt32(tensors.count), to: &message.header)
        for tensor in tensors {
            guard let tensor else {
                message.header.append(0)
                continue
            }
            guard tensor.rank <= maximumRank else {
                throw CollectiveError(
                    .shapeMismatch,
                    "tensor has \(tensor.rank) axes; at most \(maximumRank) can be sent"
                )
            }
            let contiguous = tensor.contiguous()
            message.header.append(1 + dtypeCode(tensor.dtype))
            message.header.append(UInt8(tensor.rank))
            for length in tensor.shape { append(UInt64(length), to: &message.header) }
            message.payloads.append(
                MessagePayload(
                    storage: contiguous.storage,
                    byteOffset: contiguous.byteOffset,
                    byteCount: contiguous.byteCount
                )
            )
        }
        return message
    }

    static func decode(_ message: Message) throws(CollectiveError) -> [HostTensor?] {
        var reader = HeaderReader(message.header)
        var payloads = message.payloads.makeIterator()
        let count = try reader.next(UInt32.self)
        var tensors: [HostTensor?] = []
        for _ in 0..<count {
            let code = try reader.next(UInt8.self)
            if code == 0 {
                tensors.append(nil)
                continue
            }
            guard code <= DType.allCases.count, let payload = payloads.next() else {
                throw malformed("dtype code \(code) or its payload is missing")
            }
            var shape: [Int] = []
            for _ in 0..<(try reader.next(UInt8.self)) {
                guard let length = Int(exactly: try reader.next(UInt64.self)) else {
                    throw malformed("an axis is longer than memory")
                }
                shape.append(length)
            }
            do {
                tensors.append(
                    try HostTensor(
                        storage: payload.storage,
                        byteOffset: payload.byteOffset,
                        shape: shape,
                        dtype: DType.allCases[Int(code) - 1]
                    )
                )
            } catch {
                throw CollectiveError(
                    .malformedMessage,
                    "a tensor does not fit its payload of \(payload.byteCount) bytes",
                    cause: error
                )
            }
        }
        return tensors
    }

    private static func dtypeCode(_ dtype: DType) -> UInt8 {
        UInt8(DType.allCases.firstIndex(of: dtype) ?? 0)
    }

    private static func append<Value: FixedWidthInteger>(_ value: Value, to header: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { header.append(contentsOf: $0) }
    }

    fileprivate static func malformed(_ what: String) -> CollectiveError {
        CollectiveError(.malformedMessage, "message is no list of tensors: \(what)")
    }
}

/// Takes integers off the front of a header.
private struct HeaderReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next<Value: FixedWidthInteger>(
        _ type: Value.Type
    ) throws(CollectiveError) -> Value {
        let width = MemoryLayout<Value>.size
        guard position + width <= bytes.count else {
            throw TensorMessage.malformed("its header ends at byte \(bytes.count)")
        }
        defer { position += width }
        return bytes.withUnsafeBytes {
            Value(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Value.self))
        }
    }
}
