import FoundationEssentials

/// All figures of one run.
struct Report: Encodable {
    /// The processor, as the system names it.
    var processor: String
    /// The vector instructions the peak was measured with.
    var instructions: String
    var rows: [Row] = []

    /// One JSON object, keys sorted.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// A table with one line a row.
    func table() -> String {
        let nameWidth = rows.map(\.name.count).max() ?? 0
        var lines = ["\(processor), \(instructions), one thread", ""]
        for row in rows {
            let value = fixed(row.value, digits: row.value < 10 ? 2 : 1)
            var line = row.name + String(repeating: " ", count: nameWidth - row.name.count)
            line += "  " + String(repeating: " ", count: max(0, 9 - value.count)) + value
            line += " " + row.unit
            if let share = row.share, let baseline = row.baseline {
                line += String(repeating: " ", count: max(1, 8 - row.unit.count))
                line += "\(fixed(share * 100, digits: 1)) % of \(baseline)"
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    private func fixed(_ value: Double, digits: Int) -> String {
        let scale = digits == 1 ? 10.0 : 100.0
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(scaled / Int(scale)).\(zeros)\(fraction)"
    }

    /// The processor's name in /proc/cpuinfo.
    static func processorName() -> String {
        // The first page is all that comes back of a file of /proc, and enough: the first core.
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/cpuinfo")) else {
            return "unknown processor"
        }
        let line = String(decoding: data, as: UTF8.self)
            .split(separator: "\n").first { $0.hasPrefix("model name") }
        guard let line, let colon = line.firstIndex(of: ":") else { return "unknown processor" }
        return String(line[line.index(after: colon)...].drop { $0 == " " })
    }
}
