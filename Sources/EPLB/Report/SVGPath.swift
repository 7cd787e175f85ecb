/// Rectangles of one colour, gathered into a single path: thousands of bars stay a small file.
struct SVGPath {
    private var data = ""

    /// Adds a rectangle.
    mutating func rectangle(x: Double, y: Double, width: Double, height: Double) {
        let (w, h) = (Self.number(width), Self.number(height))
        data += "M\(Self.number(x)) \(Self.number(y))h\(w)v\(h)h-\(w)z"
    }

    /// The path as an element; nothing if it is empty.
    func element(fill: String) -> String {
        data.isEmpty ? "" : "<path d=\"\(data)\" fill=\"\(fill)\"/>\n"
    }

    /// At most two digits after the point, which is all a screen shows.
    static func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        let digits = rest < 10 ? "0\(rest)" : rest % 10 == 0 ? "\(rest / 10)" : "\(rest)"
        return "\(sign)\(whole).\(digits)"
    }
}
