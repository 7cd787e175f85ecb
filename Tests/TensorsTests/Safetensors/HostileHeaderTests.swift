import InfraCore
import Tensors
import Testing

@Suite("Safetensors headers nobody should trust")
struct HostileHeaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var header: String
        var dataByteCount = 0
        var message: String
        var testDescription: String { name }

        init(_ name: String, _ header: String, data: Int = 0, says message: String) {
            self.name = name
            self.header = header
            dataByteCount = data
            self.message = message
        }
    }

    private static func entry(
        _ name: String,
        _ dtype: String,
        _ shape: String,
        _ offsets: String
    ) -> String {
        #""\#(name)":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
    }

    static let cases: [Case] = [
        Case("no object", "[]", says: "must begin with {"),
        Case("space before the object", " {}", says: "must begin with {"),
        Case("an empty header", "", says: "must begin with {"),
        Case("an object that does not end", "{", says: "must stand"),
        Case("text after the object", "{}x", says: "text follows"),
        Case(
            "no comma",
            "{\(entry("a", "U8", "0", "0,0")) \(entry("b", "U8", "0", "0,0"))}",
            says: "must stand"
        ),
        Case("a trailing comma", "{\(entry("a", "U8", "0", "0,0")),}", says: "must stand"),
        Case("no colon", #"{"a" {}}"#, says: "must stand"),
        Case("an entry that is no object", #"{"a":3}"#, says: "must stand"),
        Case("a name that does not end", #"{"a"#, says: "does not end"),
        Case("a name that ends in a backslash", #"{"a\"#, says: "does not end"),
        Case("a control character", "{\"a\u{1}\":{}}", says: "control character"),
        Case("an unknown escape", #"{"\x41":{}}"#, says: "unknown escape"),
        Case("an escape that is not hexadecimal", #"{"\u00zz":{}}"#, says: "not hexadecimal"),
        Case("a cut-off escape", #"{"\u00":{}}"#, says: "cut-off escape"),
        Case("half a surrogate pair", #"{"\ud83d":{}}"#, says: "surrogate"),
        Case("a high and no low surrogate", #"{"\ud83dA":{}}"#, says: "surrogate"),
        Case("a high surrogate twice", #"{"\ud83d\ud83d":{}}"#, says: "surrogate"),
        Case("a low surrogate alone", #"{"\ude00":{}}"#, says: "surrogate"),
        Case("no dtype", #"{"a":{"shape":[],"data_offsets":[0,0]}}"#, says: "lacks dtype"),
        Case("no shape", #"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, says: "lacks dtype, shape"),
        Case("no offsets", #"{"a":{"dtype":"U8","shape":[]}}"#, says: "data_offsets"),
        Case("an unknown dtype", "{\(entry("a", "F99", "0", "0,0"))}", says: "F99"),
        Case("one offset", "{\(entry("a", "U8", "0", "0"))}", says: "a start and an end"),
        Case("three offsets", "{\(entry("a", "U8", "0", "0,0,0"))}", says: "more than the 2"),
        Case(
            "an end before the start",
            "{\(entry("a", "U8", "1", "1,0"))}",
            data: 1,
            says: "a start and an end"
        ),
        Case(
            "a negative offset",
            "{\(entry("a", "U8", "1", "-1,0"))}",
            says: "plain decimal integer"
        ),
        Case(
            "a negative axis",
            "{\(entry("a", "U8", "-1", "0,0"))}",
            says: "plain decimal integer"
        ),
        Case(
            "a fractional axis",
            "{\(entry("a", "U8", "1.0", "0,1"))}",
            data: 1,
            says: "plain decimal integer"
        ),
        Case(
            "an exponent",
            "{\(entry("a", "U8", "1e0", "0,1"))}",
            data: 1,
            says: "plain decimal integer"
        ),
        Case(
            "a leading zero",
            "{\(entry("a", "U8", "01", "0,1"))}",
            data: 1,
            says: "plain decimal integer"
        ),
        Case(
            "an offset beyond 2^63",
            "{\(entry("a", "U8", "1", "0,9223372036854775808"))}",
            says: "exceeds 2^63"
        ),
        Case(
            "an offset of forty digits",
            "{\(entry("a", "U8", "1", "0,\(String(repeating: "9", count: 40))"))}",
            says: "exceeds 2^63"
        ),
        Case(
            "a shape whose product overflows",
            "{\(entry("a", "F32", "4294967296,4294967296", "0,0"))}",
            says: "more bits than 2^63"
        ),
        Case(
            "a shape whose product wraps to the range",
            "{\(entry("a", "U8", "9223372036854775807,2", "0,0"))}",
            says: "more bits than 2^63"
        ),
        Case(
            "too many axes",
            "{\(entry("a", "U8", Array(repeating: "1", count: 65).joined(separator: ","), "0,1"))}",
            data: 1,
            says: "more than the 64"
        ),
        Case(
            "a range too short for the shape",
            "{\(entry("a", "F32", "2", "0,4"))}",
            data: 4,
            says: "needs 8"
        ),
        Case(
            "a range too long for the shape",
            "{\(entry("a", "F32", "1", "0,8"))}",
            data: 8,
            says: "needs 4"
        ),
        Case(
            "a shape that ends within a byte",
            "{\(entry("a", "F4", "3", "0,1"))}",
            data: 1,
            says: "needs 2"
        ),
        Case(
            "a range past the file's end",
            "{\(entry("a", "U8", "9", "0,9"))}",
            data: 8,
            says: "cut off"
        ),
        Case(
            "data nobody describes",
            "{\(entry("a", "U8", "7", "0,7"))}",
            data: 8,
            says: "describes 7 bytes"
        ),
        Case(
            "overlapping ranges",
            "{\(entry("a", "U8", "4", "0,4")),\(entry("b", "U8", "4", "2,6"))}",
            data: 6,
            says: "overlaps"
        ),
        Case(
            "the same range twice",
            "{\(entry("a", "U8", "4", "0,4")),\(entry("b", "U8", "4", "0,4"))}",
            data: 4,
            says: "overlaps"
        ),
        Case(
            "a hole between ranges",
            "{\(entry("a", "U8", "1", "0,1")),\(entry("b", "U8", "1", "2,3"))}",
            data: 3,
            says: "hole"
        ),
        Case(
            "a hole before the first range",
            "{\(entry("a", "U8", "1", "1,2"))}",
            data: 2,
            says: "hole"
        ),
        Case(
            "a name twice",
            "{\(entry("a", "U8", "1", "0,1")),\(entry("a", "U8", "1", "1,2"))}",
            data: 2,
            says: "appears twice"
        ),
        Case(
            "a name twice, once escaped",
            "{\(entry("a", "U8", "1", "0,1")),\(entry(#"\u0061"#, "U8", "1", "1,2"))}",
            data: 2,
            says: "appears twice"
        ),
        Case(
            "a key of an entry twice",
            #"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
            says: "twice"
        ),
        Case("metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, says: "twice"),
        Case("a metadata key twice", #"{"__metadata__":{"k":"1","k":"2"}}"#, says: "twice"),
        Case("metadata that is no string", #"{"__metadata__":{"k":1}}"#, says: "must stand"),
        Case(
            "deep nesting",
            #"{"a":{"x":\#(String(repeating: "[", count: 100_000))"#,
            says: "nest deeper"
        ),
        Case(
            "deep objects",
            #"{"a":{"x":\#(String(repeating: #"{"y":"#, count: 100_000))"#,
            says: "nest deeper"
        ),
        Case(
            "an unknown member that is no JSON",
            #"{"a":{"x":nope}}"#,
            says: "where a value must stand"
        ),
    ]

    @Test("is refused with a message that names the fault", arguments: cases)
    func refused(_ example: Case) {
        let raw = RawSafetensors(
            bytes: Array(example.header.utf8),
            data: [UInt8](repeating: 0, count: example.dataByteCount)
        )
        let error = #expect(throws: TensorError.self) { try raw.open() }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains(example.message) == true, "\(error?.message ?? "no error")")
    }

    @Test(
        "names that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]]
    )
    func encoding(bytes: [UInt8]) {
        let entry = Array(#"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#.utf8)
        let raw = RawSafetensors(bytes: Array("{\"".utf8) + bytes + entry)
        let error = #expect(throws: TensorError.self) { try raw.open() }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("UTF-8") == true)
        let escaped = RawSafetensors(bytes: Array("{\"\\n".utf8) + bytes + entry)
        #expect(throws: TensorError.self) { try escaped.open() }
    }

    @Test(
        "a length beyond the limit, the file or the address space is refused",
        arguments: [3, 100_000_001, 1 << 62, UInt64.max]
    )
    func length(stated: UInt64) {
        var raw = RawSafetensors(header: "")
        raw.statedLength = stated
        let error = #expect(throws: TensorError.self) { try raw.open() }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("length is \(stated)") == true)
    }

    @Test("members the format may gain are skipped; entries may stand in any order")
    func tolerated() throws {
        let header = #"""
            { "b" : {"dtype":"U8","shape":[2],"data_offsets":[1,3],"x":{"y":[1,-2.5e3,true,null,"\"",{},[]]}},
              "😀é" : {"data_offsets":[0,1],"shape":[],"dtype":"U8"} }
            """#
        let start = header.replacing(/^\s+/, with: "")
        let file = try RawSafetensors(header: start, data: [1, 2, 3]).open()
        #expect(file.names == ["😀é", "b"])
        #expect(try file.tensor(named: "b").elements() == [2, 3] as [UInt8])
        #expect(file.metadata.isEmpty)
    }

    @Test("escapes of every kind are understood")
    func escapes() throws {
        let name = #"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00"#
        let header = "{\(Self.entry(name, "U8", "0", "0,0"))}"
        let file = try RawSafetensors(header: header).open()
        #expect(file.names == ["\"\\/\u{08}\u{0C}\n\r\tAé😀"])
    }

    @Test("no change of one byte makes the parser crash")
    func mutations() {
        let header =
            "{\(Self.entry("a", "F32", "2,1", "0,8")),\"__metadata__\":{\"k\":\"\\u00e9\"}}"
        let original = Array(header.utf8)
        var opened = 0
        var random = SeededRandom(seed: 7)
        for position in original.indices {
            for _ in 0..<8 {
                var bytes = original
                bytes[position] = UInt8(truncatingIfNeeded: random.next())
                let raw = RawSafetensors(bytes: bytes, data: [UInt8](repeating: 0, count: 8))
                guard let file = try? raw.open() else { continue }
                opened += 1
                for name in file.names { _ = try? file.tensor(named: name) }
            }
            let cut = RawSafetensors(bytes: Array(original[..<position]), data: [])
            #expect(throws: TensorError.self) { try cut.open() }
        }
        // Changes within the name and the metadata text leave the file valid.
        #expect(opened > 0)
    }
}
