import InfraCore
import Testing

@Suite("Libraries opened at run time")
struct DynamicLibraryTests {
    @Test("the first candidate that exists is opened, and its functions work")
    func opens() throws {
        let library = try DynamicLibrary(
            openingFirstOf: ["libno-such-thing.so.1", "libm.so.6"],
            remedy: "unused"
        )
        #expect(library.path == "libm.so.6")
        typealias SquareRoot = @convention(c) (Double) -> Double
        #expect(try library.function("sqrt", as: SquareRoot.self)(9) == 3)
    }

    @Test("nothing opened: the error names each candidate, each reason and the remedy")
    func missing() throws {
        let error = try #require(throws: CoreError.self) {
            try DynamicLibrary(
                openingFirstOf: ["libabsent-a.so", "libabsent-b.so"],
                remedy: "apt-get install absent"
            )
        }
        #expect(error.code == .libraryMissing)
        for part in ["libabsent-a.so", "libabsent-b.so", "cannot open", "apt-get install absent"] {
            #expect(error.message.contains(part), "\(error)")
        }
    }

    @Test("a missing function: the error names the library and the function")
    func missingFunction() throws {
        let library = try DynamicLibrary(openingFirstOf: ["libm.so.6"], remedy: "unused")
        typealias Function = @convention(c) () -> Void
        let error = try #require(throws: CoreError.self) {
            try library.function("oi_no_such_function", as: Function.self)
        }
        #expect(error.code == .symbolMissing)
        #expect(error.message.contains("libm.so.6"))
        #expect(error.message.contains("oi_no_such_function"))
    }
}
