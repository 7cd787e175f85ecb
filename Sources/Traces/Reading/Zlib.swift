import CZlib
import InfraCore

/// zlib, opened at run time: only compressed traces need it.
struct Zlib: Sendable {
    let api: oi_zlib_api

    /// Opens the library.
    ///
    /// - Parameter candidates: File names or paths, best first.
    /// - Throws: ``TraceErrorCode/zlibMissing``, naming what was tried.
    init(
        openingFirstOf candidates: [String] = ["libz.so.1", "libz.so"]
    ) throws(TraceError) {
        do throws(CoreError) {
            let library = try DynamicLibrary(
                openingFirstOf: candidates,
                remedy: "install zlib (Debian: apt-get install zlib1g), or decompress the file "
                    + "with gzip -d"
            )
            api = oi_zlib_api(
                inflateInit2: try library.function("inflateInit2_"),
                inflate: try library.function("inflate"),
                inflateReset: try library.function("inflateReset"),
                inflateEnd: try library.function("inflateEnd")
            )
        } catch {
            throw TraceError(.zlibMissing, "a gzip trace needs zlib", cause: error)
        }
    }
}
