import DeepSeekModel
import InfraCore
import Testing

@Suite("JSON")
struct JSONParserTests {
    @Test(
        "documents keep their values and their order",
        arguments: [
            (#"{"b": [1, -2, 3.5, 1e3], "a": null}"#, #"{"b": [1, -2, 3.5, 1000.0], "a": null}"#),
            (#" [true , false, {} , [] ] "#, "[true, false, {}, []]"),
            (#""\u00e9\ud83d\ude00\n\t\"\\\/\b\f\r""#, #""é😀\n\t\"\\/\b\f\r""#),
            ("\u{FEFF}[\"x\"]", #"["x"]"#),
            (#"{"é": 1, "e\#u{301}": 2}"#, #"{"é": 1, "e\#u{301}": 2}"#),
            ("12345678901234567890", "1.2345678901234567e+19"),
        ]
    )
    func documents(source: String, expected: String) throws {
        let value = try JSONParser.parse(Array(source.utf8), file: "x.json")
        #expect(value.text.utf8.elementsEqual(expected.utf8), "\(value.text)")
    }

    @Test(
        "malformed text is refused with file, line and column",
        arguments: [
            ("", "line 1, column 1"), ("{", "line 1, column 2"), ("[1,\n 2", "line 2, column 3"),
            ("[1 2]", "comma or ]"), (#"{"a" 1}"#, "colon"), (#"{"a": 1 "b": 2}"#, "comma or }"),
            ("{a: 1}", "a name was expected"), ("nul", "unknown word"), ("1.2.3", "no valid value"),
            ("[1] x", "after the end"), ("\"a", "without end"), (#""\q""#, "unknown escape"),
            (#""\ud83d""#, "surrogate"), (#""\ud83dxx""#, "surrogate"),
            (#""\u12""#, "four hexadecimal"),
            ("\"a\u{1}\"", "control character"), ("1e999", "no valid value"),
            ("\"\\", "without end"),
            (#""\udc00""#, "surrogate"), (#""\ud83d\u0041""#, "surrogate"),
        ]
    )
    func malformed(source: String, message: String) throws {
        let error = #expect(throws: ModelError.self) {
            try JSONParser.parse(Array(source.utf8), file: "x.json")
        }
        #expect(error?.code == .malformedFile)
        #expect(error?.message.contains("x.json is not valid JSON") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("bytes that are no UTF-8 and nesting without end are refused")
    func hostile() throws {
        #expect(throws: ModelError.self) {
            try JSONParser.parse([0x22, 0xFF, 0x22], file: "x.json")
        }
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        let error = #expect(throws: ModelError.self) { try JSONParser.parse(deep, file: "x.json") }
        #expect(error?.message.contains("nesting deeper than 128") == true)
    }
}
