/// The few SVG shapes that the report's charts are made of. Colours are the page's CSS variables,
/// so charts follow its light and dark form.
struct SVGCanvas {
    let width: Double
    let height: Double
    private var body = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// The document, scaling to the width of its column.
    func document(label: String) -> String {
        """
        <svg viewBox="0 0 \(n(width)) \(n(height))" role="img" aria-label="\(label.htmlEscaped)">
        \(body)</svg>
        """
    }

    mutating func line(
        from a: (x: Double, y: Double),
        to b: (x: Double, y: Double),
        stroke: String,
        width: Double = 1,
        dash: String? = nil
    ) {
        let dashes = dash.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        body += """
            <line x1="\(n(a.x))" y1="\(n(a.y))" x2="\(n(b.x))" y2="\(n(b.y))" stroke="\(stroke)" \
            stroke-width="\(n(width))"\(dashes)/>

            """
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], stroke: String, width: Double) {
        let list = points.map { "\(n($0.x)),\(n($0.y))" }.joined(separator: " ")
        body += """
            <polyline points="\(list)" fill="none" stroke="\(stroke)" stroke-width="\(n(width))" \
            stroke-linejoin="round"/>

            """
    }

    mutating func circle(at p: (x: Double, y: Double), radius: Double, fill: String) {
        body += """
            <circle cx="\(n(p.x))" cy="\(n(p.y))" r="\(n(radius))" fill="\(fill)"/>

            """
    }

    mutating func box(
        x: Double,
        y: Double,
        width: Double,
        height: Double,
        fill: String,
        title: String
    ) {
        body += """
            <rect x="\(n(x))" y="\(n(y))" width="\(n(width))" height="\(n(height))" \
            fill="\(fill)"><title>\(title.htmlEscaped)</title></rect>

            """
    }

    mutating func text(
        _ string: String,
        at p: (x: Double, y: Double),
        anchor: String = "start",
        fill: String = "var(--muted)"
    ) {
        body += """
            <text x="\(n(p.x))" y="\(n(p.y))" text-anchor="\(anchor)" fill="\(fill)">\
            \(string.htmlEscaped)</text>

            """
    }

    /// A coordinate with as many digits as a screen can show.
    private func n(_ value: Double) -> String { value.formatted(places: 2) }
}

extension Double {
    /// Decimal digits without an exponent, such as `2.67` for two places.
    func formatted(places: Int) -> String {
        guard isFinite else { return "\(self)" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(self)" }
        let digits = String(Int(scaled))
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }
}

extension String {
    /// The text with HTML's special characters as entities.
    var htmlEscaped: String {
        reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
