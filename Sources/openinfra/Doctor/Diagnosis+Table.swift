extension Diagnosis {
    /// The findings for a reader: one line each, and below a missing one what it is for.
    package var table: String {
        let nameWidth = findings.map(\.name.count).max() ?? 0
        let statusWidth = findings.map(\.status.rawValue.count).max() ?? 0
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        var lines: [String] = []
        for finding in findings {
            let status = padded(finding.status.rawValue, statusWidth)
            lines.append("\(padded(finding.name, nameWidth))  \(status)  \(finding.detail)")
            if let remedy = finding.remedy {
                let indent = String(repeating: " ", count: nameWidth + statusWidth + 4)
                lines.append("\(indent)for \(finding.neededBy); to get it: \(remedy)")
            }
        }
        let found = findings.count { $0.status == .found }
        lines.append("")
        lines.append(
            isReady
                ? "\(found) of \(findings.count) found; everything required works"
                : "\(found) of \(findings.count) found; something required is missing"
        )
        return lines.joined(separator: "\n")
    }
}
