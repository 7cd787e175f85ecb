import ArgumentParser

/// `openinfra doctor`: what this machine can run.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine can run, and how to get what is missing.",
        discussion: """
            Looks for the processor's features and for every optional library, device and program \
            that a part of OpenInfra uses. Nothing is installed or changed.

            Exits with 0 even if optional things are missing, and with 1 if a required one \
            (OpenBLAS) is missing or does not work.

            Examples:
              openinfra doctor
              openinfra doctor --json | python3 -m json.tool
            """
    )

    @Flag(help: "Print one JSON object: {\"findings\": [..], \"isReady\": true}.")
    var json = false

    func run() throws {
        let diagnosis = Diagnosis(of: .current)
        if json {
            try Console.printJSON(diagnosis)
        } else {
            print(diagnosis.table)
        }
        guard diagnosis.isReady else {
            let unmet = diagnosis.unmetRequirements
                .map { "\($0.name): \($0.detail); \($0.remedy ?? "")" }
                .joined(separator: "; ")
            throw DoctorFailure(description: "this machine cannot run OpenInfra: \(unmet)")
        }
    }
}

/// Something required is missing.
struct DoctorFailure: Error, CustomStringConvertible {
    let description: String
}
