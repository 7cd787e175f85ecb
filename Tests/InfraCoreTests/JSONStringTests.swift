import Foundation
import InfraCore
import Testing

@Suite("JSON string literals")
struct JSONStringTests {
    @Test("have short escapes where JSON has them and codes for other control characters")
    func escapes() {
        #expect(
            JSONString.quoted("a\"b\\c\n\r\t\u{08}\u{0C}\u{1}é日") == #""a\"b\\c\n\r\t\b\f\u0001é日""#
        )
        #expect(JSONString.quoted("") == "\"\"")
    }

    @Test("are read back as they were, whatever they hold")
    func roundTrip() throws {
        let all = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init)))
        let data = Data("[\(JSONString.quoted(all))]".utf8)
        #expect(try JSONDecoder().decode([String].self, from: data) == [all])
    }
}
