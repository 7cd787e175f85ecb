import InfraCore

extension TensorMapLayout {
    private static let maxRank = 5
    private static let maxExtent = 1 << 32
    private static let maxByteStride = (1 << 40) - 1
    private static let maxBoxExtent = 256
    private static let chunkByteCount = 16

    /// Checks the rules of `cuTensorMapEncodeTiled` and says which one is broken; the driver would
    /// only say that a value is invalid.
    func validate(address: UInt64) throws(CUDAError) {
        try Self.validate(address: address)
        let rank = extents.count
        guard (1...Self.maxRank).contains(rank) else {
            throw Self.error("extents is \(extents); a tensor map has 1 to \(Self.maxRank) axes")
        }
        guard byteStrides.count == rank - 1, box.count == rank else {
            throw Self.error(
                "byteStrides is \(byteStrides) and box is \(box) for extents \(extents); "
                    + "\(rank - 1) strides and \(rank) box extents are needed"
            )
        }
        guard extents.allSatisfy({ (1...Self.maxExtent).contains($0) }) else {
            throw Self.error(
                "extents is \(extents); each must be 1 to \(Self.maxExtent): an empty tensor has no "
                    + "map"
            )
        }
        guard
            byteStrides.allSatisfy({
                $0 > 0 && $0 <= Self.maxByteStride && $0 % Self.chunkByteCount == 0
            })
        else {
            throw Self.error(
                "byteStrides is \(byteStrides); each must be a positive multiple of "
                    + "\(Self.chunkByteCount) below 2^40: pad the rows"
            )
        }
        guard box.allSatisfy({ (1...Self.maxBoxExtent).contains($0) }) else {
            throw Self.error("box is \(box); each extent must be 1 to \(Self.maxBoxExtent)")
        }
        try validateRow()
    }

    /// Checks an address.
    static func validate(address: UInt64) throws(CUDAError) {
        guard address != 0, address % UInt64(chunkByteCount) == 0 else {
            throw error(
                "address is \(address); a tensor map needs a device address at a multiple of "
                    + "\(chunkByteCount)"
            )
        }
    }

    private func validateRow() throws(CUDAError) {
        let rowByteCount = box[0] * elementType.byteCount
        guard rowByteCount % Self.chunkByteCount == 0 else {
            throw Self.error(
                "box is \(box) of \(elementType): its row of \(rowByteCount) bytes must be a "
                    + "multiple of \(Self.chunkByteCount)"
            )
        }
        if let limit = swizzle.rowByteCount, rowByteCount > limit {
            throw Self.error(
                "box is \(box) of \(elementType): its row of \(rowByteCount) bytes is wider than "
                    + "the \(limit) bytes that swizzle \(swizzle) permutes"
            )
        }
    }

    private static func error(_ message: String) -> CUDAError {
        CUDAError(.invalidArgument, message)
    }
}
