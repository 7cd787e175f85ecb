import Foundation
import Tensors

/// A safetensors file put together by hand, right or wrong.
struct RawSafetensors {
    var header: [UInt8]
    var data: [UInt8]
    /// Zero bytes before `data`, which take no space on disk.
    var hole = 0
    /// What the length field says; `nil` for the truth.
    var statedLength: UInt64?

    init(header: String, hole: Int = 0, data: [UInt8] = []) {
        // Padded, as real files are, so that aligned offsets are aligned in the file.
        var bytes = Array(header.utf8)
        bytes += [UInt8](repeating: 0x20, count: (8 - bytes.count % 8) % 8)
        self.init(bytes: bytes, data: data)
        self.hole = hole
    }

    init(bytes: [UInt8], data: [UInt8] = []) {
        header = bytes
        self.data = data
    }

    /// Writes the file, opens it and removes it: the mapping stays.
    func open() throws -> SafetensorsFile {
        try withTemporaryFolder { folder in
            let url = folder.appending(path: "raw.safetensors")
            let length = (statedLength ?? UInt64(header.count)).littleEndian
            try Data(withUnsafeBytes(of: length, Array.init) + header).write(to: url)
            let handle = try FileHandle(forWritingTo: url)
            try handle.seek(toOffset: UInt64(8 + header.count + hole))
            try handle.write(contentsOf: data)
            try handle.close()
            return try SafetensorsFile(path: url.path(percentEncoded: false))
        }
    }

    /// Whether a file with a large hole can be made in the temporary folder.
    static var hasSparseFiles: Bool {
        (try? withTemporaryFolder { folder in
            let url = folder.appending(path: "sparse")
            try Data().write(to: url)
            let handle = try FileHandle(forWritingTo: url)
            try handle.truncate(atOffset: 6 << 30)
            try handle.close()
            return true
        }) ?? false
    }
}
