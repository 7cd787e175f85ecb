import Foundation
import InfraCore
import Tensors
import Testing

@Suite("Reading safetensors")
struct SafetensorsFileTests {
    static func reference() throws -> SafetensorsFile {
        try SafetensorsFile(
            path: Fixtures.folder.appending(path: "reference.safetensors").path(
                percentEncoded: false
            )
        )
    }

    static let counting = (0..<12).map { Float($0) - 5 }

    @Test(
        "tensors of the reference library's file have the values written",
        arguments: [
            ("float32", DType.float32), ("float16", .float16), ("bfloat16", .bfloat16),
            ("float8_e4m3fn", .float8E4M3), ("float8_e5m2", .float8E5M2), ("int32", .int32),
            ("int64", .int64),
        ]
    )
    func values(name: String, dtype: DType) throws {
        let tensor = try Self.reference().tensor(named: name)
        #expect(tensor.dtype == dtype)
        #expect(tensor.shape == [3, 4])
        #expect(tensor.converted(to: .float32).elements(of: Float.self) == Self.counting)
    }

    @Test("unsigned bytes, power-of-two scales, scalars and empty tensors are read")
    func specialValues() throws {
        let file = try Self.reference()
        #expect(try file.tensor(named: "uint8").elements() == [UInt8](0..<12))
        let scales = try file.tensor(named: "float8_e8m0fnu")
        #expect(scales.dtype == .ue8m0)
        #expect(
            scales.converted(to: .float32).elements()
                == Self.counting.map { Float(sign: .plus, exponent: Int($0), significand: 1) }
        )
        let scalar = try file.tensor(named: "scalar")
        #expect(scalar.shape == [])
        #expect(scalar.elements() == [2.5 as Float])
        #expect(try file.tensor(named: "empty").shape == [0, 3])
    }

    @Test("names with escapes and beyond ASCII are found; metadata is read")
    func names() throws {
        let file = try Self.reference()
        #expect(try file.tensor(named: "naïve \"name\"\n").elements() == [1, 2, 3] as [Int64])
        #expect(file.metadata == ["format": "pt"])
        #expect(file.names.count == 13)
        #expect(Set(file.names) == Set(file.entries.map(\.name)))
        #expect(file.entry(named: "float32")?.shape == [3, 4])
        #expect(file.entry(named: "absent") == nil)
    }

    @Test("aligned tensors are views of the mapping and outlive the file value")
    func zeroCopy() throws {
        let (first, second) = try {
            let file = try Self.reference()
            return (try file.tensor(named: "float32"), try file.tensor(named: "float32"))
        }()
        #expect(first.storage === second.storage)
        #expect(first.storage.isReadOnly)
        var copy = first
        copy.withUnsafeMutableElements(of: Float.self) { $0[0] = 99 }
        #expect(first.elements(of: Float.self)[0] == -5)
        #expect(copy.elements(of: Float.self)[0] == 99)
    }

    @Test("misaligned tensors are copied and read the same")
    func misaligned() throws {
        let header =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#
        let values = [1.5, -2.5] as [Float]
        let data = [7] + values.withUnsafeBytes { Array($0) }
        let file = try RawSafetensors(header: header, data: data).open()
        let tensor = try file.tensor(named: "b")
        #expect(tensor.elements() == values)
        #expect(!tensor.storage.isReadOnly)
    }

    @Test("a missing name and a dtype this package lacks are errors that say so")
    func unreadable() throws {
        let file = try Self.reference()
        let missing = #expect(throws: TensorError.self) { try file.tensor(named: "absent") }
        #expect(missing?.code == .missingTensor)
        #expect(missing?.message.contains("no tensor absent") == true)
        #expect(file.entry(named: "wide.boolean")?.dtypeName == "BOOL")
        let boolean = #expect(throws: TensorError.self) { try file.tensor(named: "wide.boolean") }
        #expect(boolean?.code == .dtypeMismatch)
        #expect(boolean?.message.contains("BOOL") == true)
    }

    @Test("a missing file, a folder and an empty file are errors")
    func unopenable() throws {
        try withTemporaryFolder { folder in
            for (name, code) in [
                ("absent", TensorErrorCode.fileFailure), ("", .fileFailure),
                ("empty", .malformedFile),
            ] {
                let url = folder.appending(path: name)
                if name == "empty" { try Data().write(to: url) }
                let path = url.path(percentEncoded: false)
                let error = #expect(throws: TensorError.self) { try SafetensorsFile(path: path) }
                #expect(error?.code == code)
                #expect(error?.message.contains(path) == true)
            }
        }
    }

    @Test("a named pipe is refused at once instead of waited for")
    func pipe() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "pipe").path(percentEncoded: false)
            try #require(mkfifo(path, 0o600) == 0)
            let error = #expect(throws: TensorError.self) { try SafetensorsFile(path: path) }
            #expect(error?.code == .fileFailure)
            #expect(error?.message.contains("no regular file") == true)
        }
    }

    @Test("a header of ten thousand tensors opens in well under a second")
    func manyTensors() throws {
        let entries = (0..<10_000).map {
            "\"model.layers.\($0).mlp.experts.weight\":"
                + "{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[\($0 * 8),\($0 * 8 + 8)]}"
        }
        let raw = RawSafetensors(
            header: "{\(entries.joined(separator: ","))}",
            data: [UInt8](repeating: 1, count: 80_000)
        )
        let clock = ContinuousClock()
        var file: SafetensorsFile?
        let elapsed = try clock.measure { file = try raw.open() }
        #expect(file?.names.count == 10_000)
        #expect(try file?.tensor(named: "model.layers.9999.mlp.experts.weight").shape == [2, 2])
        #expect(elapsed < .seconds(10))
    }

    @Test("offsets beyond 4 GiB are read", .enabled(if: RawSafetensors.hasSparseFiles))
    func large() throws {
        let start = 5 << 30
        let header =
            #"{"a":{"dtype":"U8","shape":[\#(start)],"data_offsets":[0,\#(start)]},"#
            + #""b":{"dtype":"F32","shape":[1],"data_offsets":[\#(start),\#(start + 4)]}}"#
        let value = [3.5 as Float].withUnsafeBytes { Array($0) }
        let file = try RawSafetensors(header: header, hole: start, data: value).open()
        #expect(try file.tensor(named: "b").elements() == [3.5 as Float])
        #expect(try file.tensor(named: "a").elementCount == start)
    }
}
