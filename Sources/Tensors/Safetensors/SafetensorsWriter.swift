public import InfraCore

/// Writes safetensors files.
public enum SafetensorsWriter {
    /// Writes tensors to a file, replacing it whole or not at all.
    ///
    /// The bytes are those the reference library writes: widest dtype first, names in byte order
    /// within a dtype, a header padded with spaces to a multiple of 8 bytes. Same tensors, same
    /// bytes. Tensors are streamed; only one that is not contiguous is copied. The call returns
    /// when the file and its folder entry are durable.
    ///
    /// - Parameters:
    ///   - tensors: The tensors by name.
    ///   - metadata: Free-form strings stored in the header.
    ///   - path: The file; its folder must exist.
    /// - Throws: ``TensorErrorCode/fileFailure``, leaving what was at `path` as it was (unless
    ///   only the last step failed, the sync of the folder);
    ///   ``TensorErrorCode/malformedFile`` for a tensor named `__metadata__` or a header beyond
    ///   the format's 100 MB.
    public static func write(
        tensors: [String: HostTensor],
        metadata: [String: String] = [:],
        to path: String
    ) throws(TensorError) {
        let ordered = tensors.sorted { first, second in
            let ranks = (first.value.dtype.safetensorsRank, second.value.dtype.safetensorsRank)
            if ranks.0 != ranks.1 { return ranks.0 > ranks.1 }
            return first.key.utf8.lexicographicallyPrecedes(second.key.utf8)
        }
        let header = try header(of: ordered, metadata: metadata)
        var file = try AtomicFile(replacing: path)
        try file.write(header)
        for (_, tensor) in ordered { try file.write(tensor) }
        try file.commit()
    }

    /// The length field and the padded JSON text.
    private static func header(
        of tensors: [(key: String, value: HostTensor)],
        metadata: [String: String]
    ) throws(TensorError) -> [UInt8] {
        var members: [String] = []
        members.reserveCapacity(tensors.count + 1)
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(JSONString.quoted($0.key)):\(JSONString.quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in tensors {
            guard name != "__metadata__" else {
                throw TensorError(
                    .malformedFile,
                    "a tensor is named __metadata__, which the format keeps for itself; rename it"
                )
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let end = offset + tensor.byteCount
            members.append(
                "\(JSONString.quoted(name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
        guard text.count <= SafetensorsHeader.maximumByteCount else {
            throw TensorError(
                .malformedFile,
                "the header would take \(text.count) bytes; the format allows "
                    + "\(SafetensorsHeader.maximumByteCount); split the tensors over several files"
            )
        }
        return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
    }
}
