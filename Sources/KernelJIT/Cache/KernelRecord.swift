/// The form of a compiled kernel in files: a magic word, the content, and its digest, so that a
/// damaged file is never taken for machine code.
enum KernelRecord {
    private static let magic = Array("OIKERN01".utf8)
    private static let digestByteCount = 32

    /// The bytes of a kernel's file.
    static func encode(_ kernel: CompiledKernel) -> [UInt8] {
        var writer = ByteWriter()
        for text in [kernel.name, kernel.symbol, kernel.architecture, kernel.compilerVersion] {
            writer.append(string: text)
        }
        let resources = kernel.resources
        for number in [
            resources.registersPerThread, resources.stackByteCount,
            resources.spillStoreByteCount, resources.spillLoadByteCount,
            resources.staticSharedByteCount,
        ] {
            writer.append(count: number)
        }
        writer.append(count: kernel.warnings.count)
        for warning in kernel.warnings { writer.append(string: warning) }
        writer.append(block: kernel.image)
        return seal(writer.bytes, magic: magic)
    }

    /// Reads a kernel's file.
    ///
    /// - Returns: `nil` if it is damaged or of another version.
    static func decode(_ bytes: [UInt8]) -> CompiledKernel? {
        guard let content = open(bytes, magic: magic) else { return nil }
        var reader = ByteReader(content)
        guard let name = reader.string(), let symbol = reader.string(),
            let architecture = reader.string(), let compilerVersion = reader.string(),
            let registers = reader.count(), let stack = reader.count(),
            let stores = reader.count(), let loads = reader.count(),
            let shared = reader.count(), let warningCount = reader.count()
        else { return nil }
        var warnings: [String] = []
        for _ in 0..<warningCount {
            guard let warning = reader.string() else { return nil }
            warnings.append(warning)
        }
        guard let image = reader.block(), reader.isAtEnd else { return nil }
        var resources = KernelResources()
        resources.registersPerThread = registers
        resources.stackByteCount = stack
        resources.spillStoreByteCount = stores
        resources.spillLoadByteCount = loads
        resources.staticSharedByteCount = shared
        return CompiledKernel(
            name: name,
            symbol: symbol,
            architecture: architecture,
            compilerVersion: compilerVersion,
            resources: resources,
            warnings: warnings,
            image: image
        )
    }

    /// Puts a magic word before and a digest behind some content.
    static func seal(_ content: [UInt8], magic: [UInt8]) -> [UInt8] {
        magic + content + SHA256.digest(of: content)
    }

    /// The content between magic word and digest; `nil` if either is wrong.
    static func open(_ bytes: [UInt8], magic: [UInt8]) -> ArraySlice<UInt8>? {
        guard bytes.count >= magic.count + digestByteCount, bytes.starts(with: magic) else {
            return nil
        }
        let content = bytes[magic.count..<bytes.count - digestByteCount]
        guard SHA256.digest(of: Array(content)) == Array(bytes.suffix(digestByteCount)) else {
            return nil
        }
        return content
    }
}
