/// Pieces of HTML.
enum HTML {
    /// A text that shows as it is, in elements and in attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A table whose columns after the first are right-aligned.
    static func table(_ header: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String], _ element: String) -> String {
            let cells = cells.map { "<\(element)>\(escaped($0))</\(element)>" }
            return "<tr>\(cells.joined())</tr>"
        }
        let body = rows.map { line($0, "td") }.joined(separator: "\n")
        return """
            <div class="scroll"><table>
            <thead>\(line(header, "th"))</thead>
            <tbody>
            \(body)
            </tbody>
            </table></div>
            """
    }

    /// A part of a bar. Parts too small to see are left out.
    static func piece(_ style: String, share: Double, title: String) -> String {
        guard share > 0.0005 else { return "" }
        let width = Figures.decimal(share * 100, digits: 3)
        // A share that has room for it is written on the bar.
        let label = share >= 0.06 ? "\(Figures.decimal(share * 100, digits: 1))%" : ""
        return "<div class=\"\(style)\" style=\"width:\(width)%\" title=\"\(escaped(title))\">"
            + "\(label)</div>"
    }
}
