/// What a kernel's machine code depends on, as one name.
struct KernelKey: Hashable, Sendable {
    /// The digest of source, includes, options, entry and architecture, in hexadecimal.
    let digest: String

    /// The key of a variant on an architecture.
    init(_ variant: KernelVariant, architecture: String) {
        var writer = ByteWriter()
        writer.append(string: "openinfra kernel 1")
        writer.append(string: variant.source.fileName)
        writer.append(string: variant.source.text)
        let headers = variant.source.headers.sorted { $0.key < $1.key }
        writer.append(count: headers.count)
        for (name, text) in headers {
            writer.append(string: name)
            writer.append(string: text)
        }
        let options = variant.compilerOptions(architecture: architecture)
        writer.append(count: options.count)
        for option in options { writer.append(string: option) }
        switch variant.entry {
        case .symbol(let name): writer.append(string: "symbol \(name)")
        case .expression(let text): writer.append(string: "expression \(text)")
        }
        digest = SHA256.hexadecimal(of: writer.bytes)
    }

    /// A key that a bundle carries.
    init(digest: String) { self.digest = digest }
}
