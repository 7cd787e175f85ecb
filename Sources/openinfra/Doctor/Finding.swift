/// What was found out about one thing that a machine may have.
package struct Finding: Sendable, Equatable, Encodable {
    /// Whether the thing can be used.
    package enum Status: String, Sendable, Encodable {
        /// It is there and answered.
        case found
        /// It is not there.
        case missing
        /// It is there but does not work.
        case unusable
    }

    /// What was looked for.
    package var name: String
    /// Whether it can be used.
    package var status: Status
    /// Version and path where found; otherwise why it cannot be used.
    package var detail: String
    /// The feature of OpenInfra that uses it.
    package var neededBy: String
    /// How to get it; nil where it is found.
    package var remedy: String?
    /// Whether OpenInfra cannot work without it.
    package var isRequired: Bool
}

/// A thing to look for: what a finding says whatever the outcome is.
package struct Subject: Sendable {
    package var name: String
    package var neededBy: String
    package var remedy: String
    package var isRequired = false

    func found(_ detail: String) -> Finding { finding(.found, detail) }
    func missing(_ reason: String) -> Finding { finding(.missing, reason) }
    func unusable(_ reason: String) -> Finding { finding(.unusable, reason) }

    private func finding(_ status: Finding.Status, _ detail: String) -> Finding {
        Finding(
            name: name,
            status: status,
            detail: detail,
            neededBy: neededBy,
            remedy: status == .found ? nil : remedy,
            isRequired: isRequired
        )
    }
}
