import FoundationEssentials
public import InfraCore

/// Text to train on, read from a file or from every text file below a folder.
public struct Corpus: Sendable {
    /// Where the text came from.
    public let path: String
    /// How many files were read.
    public let fileCount: Int
    /// The files' UTF-8 bytes, in the order of their names, a line break between files.
    public let bytes: [UInt8]

    /// No more than this is read; the rest of a larger corpus is left out.
    public static let maximumByteCount = 256 << 20
    /// A corpus with less text than this cannot fill a batch and a held-out part.
    public static let minimumByteCount = 64 << 10

    /// Reads a corpus.
    ///
    /// A file counts as text if it holds no NUL byte and is valid UTF-8; others are passed over.
    /// Names that start with a dot are passed over too.
    ///
    /// - Parameter path: A file or a folder.
    /// - Throws: ``TrainingErrorCode/corpusUnusable`` if there is nothing at `path`, it cannot be
    ///   read, or it holds too little text.
    public init(path: String) throws(TrainingError) {
        self.path = path
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw TrainingError(.corpusUnusable, "corpus \(path) does not exist")
        }
        var bytes: [UInt8] = []
        var count = 0
        for file in isFolder ? Self.files(below: path) : [path] {
            guard let text = Self.text(ofFile: file) else { continue }
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
            bytes.append(contentsOf: text.prefix(Self.maximumByteCount - bytes.count))
            count += 1
            if bytes.count >= Self.maximumByteCount { break }
        }
        guard bytes.count >= Self.minimumByteCount else {
            throw TrainingError(
                .corpusUnusable,
                "corpus \(path) holds \(bytes.count) bytes of text in \(count) files; at least "
                    + "\(Self.minimumByteCount) bytes are needed"
            )
        }
        self.bytes = bytes
        fileCount = count
    }

    private static func files(below folder: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in !name.split(separator: "/").contains { $0.hasPrefix(".") } }
            .sorted()
            .map { "\(folder)/\($0)" }
    }

    private static func text(ofFile path: String) -> [UInt8]? {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder,
            let data = FileManager.default.contents(atPath: path), !data.isEmpty
        else { return nil }
        let bytes = [UInt8](data)
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            return nil
        }
        return bytes
    }
}

extension Corpus {
    /// Where text lies on a Debian machine, best first: the manual of Perl (package `perl-doc`),
    /// then the licences that every Debian system carries.
    public static func defaultPath() -> String? {
        let perl = "/usr/share/perl"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: perl)) ?? []
        let manuals = versions.sorted().map { "\(perl)/\($0)/pod" }
        return (manuals + ["/usr/share/common-licenses"]).first { folder in
            (try? FileManager.default.contentsOfDirectory(atPath: folder))?.count ?? 0 > 5
        }
    }
}
