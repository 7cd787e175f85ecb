package import CCUDA
package import InfraCore

/// Fills a table of function pointers from a shared library.
package enum SymbolTable {
    /// Looks each symbol up and writes its pointer to where the table keeps it.
    ///
    /// - Throws: ``InfraCore/CoreErrorCode/symbolMissing`` for the first absent function that is not
    ///   optional.
    package static func fill<Table>(
        _ table: inout Table,
        with symbols: UnsafeBufferPointer<oi_cuda_symbol>,
        from library: DynamicLibrary
    ) throws(CoreError) {
        for symbol in symbols {
            let name = String(cString: symbol.name)
            let pointer: UnsafeRawPointer
            do throws(CoreError) {
                pointer = try library.function(name)
            } catch {
                if symbol.isOptional != 0 { continue }
                throw error
            }
            withUnsafeMutableBytes(of: &table) { bytes in
                bytes.storeBytes(
                    of: pointer,
                    toByteOffset: symbol.offset,
                    as: UnsafeRawPointer.self
                )
            }
        }
    }
}
