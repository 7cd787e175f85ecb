/// Numbers as people read them.
enum Figures {
    /// `129.012`, for microseconds.
    static func milliseconds(_ microseconds: Double) -> String {
        decimal(microseconds / 1000, digits: 3)
    }

    /// `96.32%`, for a fraction.
    static func percent(_ fraction: Double) -> String { decimal(fraction * 100, digits: 2) + "%" }

    /// A number with so many digits after the point.
    static func decimal(_ value: Double, digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        let fraction = "\(scaled % scale)"
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return "\(sign)\(scaled)" }
        let padding = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(scaled / scale).\(padding)\(fraction)"
    }

    /// A kernel's name without its template arguments and parameters, at most `limit` characters.
    ///
    /// `void cutlass::device_kernel<dpsk::GemmKernel>(Params)` is `dpsk::GemmKernel`: a wrapper's
    /// first template argument says more than the wrapper.
    static func shortName(_ name: String, limit: Int = 60) -> String {
        var text = Substring(name)
        if text.hasPrefix("void ") { text = text.dropFirst(5) }
        let anonymous = "(anonymous namespace)::"
        if text.hasPrefix(anonymous) { text = text.dropFirst(anonymous.count) }
        let wrappers = ["cutlass::device_kernel<", "cutlass::Kernel<", "cutlass::Kernel2<"]
        for wrapper in wrappers where text.hasPrefix(wrapper) {
            text = text.dropFirst(wrapper.count)
        }
        let end = text.firstIndex { "<(>".contains($0) } ?? text.endIndex
        let short = text[..<end]
        guard !short.isEmpty else { return String(name.prefix(limit)) }
        return short.count <= limit ? String(short) : "..." + short.suffix(limit - 3)
    }
}
