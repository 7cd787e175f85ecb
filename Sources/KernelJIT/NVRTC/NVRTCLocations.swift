/// Where NVRTC may lie: what the user names, then the loader's path, then where pip, `make` and the
/// toolkit's installer put it.
public enum NVRTCLocations {
    private static let fileNames = ["libnvrtc.so.13", "libnvrtc.so.12"]
    /// Folders of Python packages, relative to `site-packages`: CUDA 13, then CUDA 12.
    private static let packageFolders = ["nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib"]

    /// Candidates for ``NVRTC/init(openingFirstOf:)``, best first.
    ///
    /// - Parameters:
    ///   - explicitPath: A file or folder; if given, nothing else is tried.
    ///   - searchPath: The value of `PATH`: Python installations lie beside their `bin` folders.
    ///   - executable: The running program: `make` puts the compiler into the build folder.
    ///   - find: Lists the files that match a shell pattern.
    public static func candidates(
        explicitPath: String?,
        searchPath: String?,
        executable: String?,
        find: (String) -> [String]
    ) -> [String] {
        if let explicitPath, !explicitPath.isEmpty {
            if explicitPath.contains(".so") { return [explicitPath] }
            return fileNames.map { "\(explicitPath)/\($0)" }
        }
        var patterns: [String] = []
        for folder in (searchPath ?? "").split(separator: ":") where folder.hasSuffix("/bin") {
            let root = folder.dropLast("/bin".count)
            for packages in packageFolders {
                patterns.append("\(root)/lib/python3*/*-packages/\(packages)/libnvrtc.so.*")
            }
        }
        for folder in parents(of: executable) {
            patterns.append("\(folder)/nvrtc/nvidia/cu13/lib/libnvrtc.so.*")
        }
        patterns.append("/usr/local/cuda/lib64/libnvrtc.so.*")
        let found = patterns.flatMap(find).filter { path in
            fileNames.contains { path.hasSuffix("/\($0)") }
        }
        var seen: Set<String> = []
        return (fileNames + found).filter { seen.insert($0).inserted }
    }

    /// The three folders above a file; SwiftPM builds into `.build/<triple>/release`.
    private static func parents(of file: String?) -> [String] {
        var folders: [String] = []
        var rest = Substring(file ?? "")
        while folders.count < 3, let slash = rest.lastIndex(of: "/"), slash > rest.startIndex {
            rest = rest[..<slash]
            folders.append(String(rest))
        }
        return folders
    }
}
