import COpenBLAS
public import InfraCore

/// Matrix multiplication on the CPU, through OpenBLAS opened at run time.
///
/// One table of function pointers serves the whole process; a test may build its own. Calls are
/// thread-safe. By default OpenBLAS runs each product on the calling thread alone, because the
/// ranks of a pipeline already occupy the cores: see ``setThreadCount(_:)``.
public struct BLAS: Sendable {
    private let api: oi_openblas_api
    /// The file the functions were loaded from.
    public let path: String

    /// The process-wide library.
    ///
    /// - Returns: The library, opened by the first call.
    /// - Throws: ``TensorErrorCode/blasMissing`` if no OpenBLAS can be opened.
    public static func shared() throws(TensorError) -> BLAS {
        try loaded.get()
    }

    private static let loaded: Result<BLAS, TensorError> = {
        do throws(TensorError) {
            return .success(try BLAS(openingFirstOf: ["libopenblas.so.0", "libopenblas.so"]))
        } catch {
            return .failure(error)
        }
    }()

    /// Opens OpenBLAS.
    ///
    /// - Parameter candidates: File names or paths, best first.
    /// - Throws: ``TensorErrorCode/blasMissing``, naming what was tried.
    public init(openingFirstOf candidates: [String]) throws(TensorError) {
        do throws(CoreError) {
            let library = try DynamicLibrary(
                openingFirstOf: candidates,
                remedy: "install OpenBLAS (Debian: apt-get install libopenblas0-pthread)"
            )
            api = oi_openblas_api(
                sgemm: try library.function("cblas_sgemm"),
                setThreadCount: try library.function("openblas_set_num_threads"),
                threadCount: try library.function("openblas_get_num_threads"),
                configuration: try library.function("openblas_get_config")
            )
            path = library.path
        } catch {
            throw TensorError(.blasMissing, "matrix multiplication needs OpenBLAS", cause: error)
        }
        api.setThreadCount(1)
    }

    /// Sets how many threads one product may use, in the whole process.
    public func setThreadCount(_ count: Int) { api.setThreadCount(Int32(clamping: max(1, count))) }

    /// How many threads one product may use.
    public var threadCount: Int { Int(api.threadCount()) }

    /// What the library says of its version and kernels.
    public var configuration: String { String(cString: api.configuration()) }

    /// C = alpha op(A) op(B) + beta C on row-major matrices in memory.
    ///
    /// op(A) is `[m, k]`, op(B) `[k, n]`, C `[m, n]`; a leading dimension is the distance in
    /// elements between rows as stored. The pointers must stay valid during the call.
    ///
    /// - Parameters:
    ///   - transposeA: Whether A is stored as `[k, m]`.
    ///   - transposeB: Whether B is stored as `[n, k]`.
    ///   - m: Rows of C.
    ///   - n: Columns of C.
    ///   - k: The length of each dot product; zero leaves beta C.
    ///   - alpha: Scales the product.
    ///   - a: The first element of A.
    ///   - lda: The leading dimension of A.
    ///   - b: The first element of B.
    ///   - ldb: The leading dimension of B.
    ///   - beta: Scales what C held; zero ignores it, NaN included.
    ///   - c: The first element of C.
    ///   - ldc: The leading dimension of C.
    public func gemm(
        transposeA: Bool = false,
        transposeB: Bool = false,
        m: Int,
        n: Int,
        k: Int,
        alpha: Float = 1,
        _ a: UnsafePointer<Float>,
        lda: Int,
        _ b: UnsafePointer<Float>,
        ldb: Int,
        beta: Float = 0,
        _ c: UnsafeMutablePointer<Float>,
        ldc: Int
    ) {
        if m == 0 || n == 0 { return }
        api.sgemm(
            Int32(OI_CBLAS_ROW_MAJOR),
            Int32(transposeA ? OI_CBLAS_TRANSPOSE : OI_CBLAS_NO_TRANSPOSE),
            Int32(transposeB ? OI_CBLAS_TRANSPOSE : OI_CBLAS_NO_TRANSPOSE),
            Int32(m),
            Int32(n),
            Int32(k),
            alpha,
            a,
            Int32(lda),
            b,
            Int32(ldb),
            beta,
            c,
            Int32(ldc)
        )
    }
}
