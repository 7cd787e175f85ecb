import Foundation
import InfraCore
import Tensors
import Testing

@Suite("Writing safetensors")
struct SafetensorsWriterTests {
    static func tensors() -> [String: HostTensor] {
        let values = HostTensor((0..<12).map { Float($0) - 5 }, shape: [3, 4])
        var tensors = Dictionary(
            uniqueKeysWithValues: DType.allCases.map {
                ("t.\($0.rawValue)", values.converted(to: $0))
            }
        )
        tensors["transposed"] = values.transposed()
        tensors["scalar"] = HostTensor([1.5 as Float], shape: [])
        tensors["empty"] = HostTensor(zeros: [0, 3], dtype: .bfloat16)
        tensors["naïve \"name\"\n\u{1}\\"] = HostTensor([1, 2, 3] as [Int64])
        return tensors
    }

    @Test("what was written is read back, bit for bit, metadata included")
    func roundTrip() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "a.safetensors").path(percentEncoded: false)
            let metadata = ["format": "pt", "né\"w": "line\r\n\t\u{0}"]
            try SafetensorsWriter.write(tensors: Self.tensors(), metadata: metadata, to: path)
            let file = try SafetensorsFile(path: path)
            #expect(file.metadata == metadata)
            #expect(Set(file.names) == Set(Self.tensors().keys))
            for (name, tensor) in Self.tensors() {
                #expect(try file.tensor(named: name) == tensor)
                #expect(try file.tensor(named: name).storage.isReadOnly, "\(name) is misaligned")
            }
        }
    }

    @Test("the reference library's file, read and written again, keeps every byte")
    func identical() throws {
        let source = Fixtures.folder.appending(path: "reference.safetensors")
        let file = try SafetensorsFile(path: source.path(percentEncoded: false))
        // The boolean tensor cannot be read; the second fixture is without it.
        let readable = file.entries.filter { $0.dtype != nil }
        #expect(readable.count == file.entries.count - 1)
        let tensors = try Dictionary(
            uniqueKeysWithValues: readable.map { ($0.name, try file.tensor(named: $0.name)) }
        )
        try withTemporaryFolder { folder in
            let target = folder.appending(path: "copy.safetensors")
            try SafetensorsWriter.write(
                tensors: tensors,
                metadata: file.metadata,
                to: target.path(percentEncoded: false)
            )
            let expected = Fixtures.folder.appending(path: "reference-readable.safetensors")
            #expect(try Data(contentsOf: target) == Data(contentsOf: expected))
        }
    }

    @Test("the data starts at a multiple of 8 and the same tensors give the same bytes")
    func deterministic() throws {
        try withTemporaryFolder { folder in
            let urls = (0..<2).map { folder.appending(path: "\($0).safetensors") }
            for url in urls {
                try SafetensorsWriter.write(
                    tensors: Self.tensors(),
                    metadata: ["a": "1", "b": "2", "c": "3"],
                    to: url.path(percentEncoded: false)
                )
            }
            let first = try Data(contentsOf: urls[0])
            #expect(try Data(contentsOf: urls[1]) == first)
            #expect(first[0].isMultiple(of: 8))
        }
    }

    @Test("no tensors at all make a valid file")
    func nothing() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "a").path(percentEncoded: false)
            try SafetensorsWriter.write(tensors: [:], to: path)
            #expect(try SafetensorsFile(path: path).names.isEmpty)
        }
    }

    @Test("writing replaces the file, leaves nothing beside it, and open mappings keep the old one")
    func replaces() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "a.safetensors").path(percentEncoded: false)
            try SafetensorsWriter.write(tensors: ["x": HostTensor([1 as Float])], to: path)
            let old = try SafetensorsFile(path: path).tensor(named: "x")
            try SafetensorsWriter.write(tensors: ["x": HostTensor([2 as Float])], to: path)
            #expect(old.elements() == [1 as Float])
            #expect(try SafetensorsFile(path: path).tensor(named: "x").elements() == [2 as Float])
            let left = try FileManager.default.contentsOfDirectory(
                atPath: folder.path(percentEncoded: false)
            )
            #expect(left == ["a.safetensors"])
        }
    }

    @Test("a replacement given up leaves the old file and no temporary one")
    func abandoned() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(path: "a")
            try Data([1, 2, 3]).write(to: url)
            do {
                var file = try AtomicFile(replacing: url.path(percentEncoded: false))
                try file.write([4, 5, 6, 7])
            }
            #expect(try Data(contentsOf: url) == Data([1, 2, 3]))
            let left = try FileManager.default.contentsOfDirectory(
                atPath: folder.path(percentEncoded: false)
            )
            #expect(left == ["a"])
        }
    }

    @Test("a folder that is missing, a path that is a folder, names nothing or too much are errors")
    func unwritable() throws {
        try withTemporaryFolder { folder in
            let base = folder.path(percentEncoded: false)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "folder/inside"),
                withIntermediateDirectories: true
            )
            for path in [
                "\(base)/absent/a", "\(base)/folder", "\(base)/", "",
                // The temporary name is longer than the 255 bytes a name may have.
                base + "/" + String(repeating: "n", count: 250),
            ] {
                let error = #expect(throws: TensorError.self) {
                    try SafetensorsWriter.write(tensors: [:], to: path)
                }
                #expect(error?.code == .fileFailure)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: base)
            #expect(left == ["folder"])
        }
    }

    @Test("a tensor may not be named __metadata__")
    func reservedName() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "a").path(percentEncoded: false)
            let error = #expect(throws: TensorError.self) {
                try SafetensorsWriter.write(
                    tensors: ["__metadata__": HostTensor([1 as Float])],
                    to: path
                )
            }
            #expect(error?.code == .malformedFile)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
