import ArgumentParser
import EPLB
import FoundationEssentials
import InfraCore

/// `openinfra eplb`: plans which expert goes to which GPU.
struct EPLBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eplb",
        abstract: "Place a mixture's experts on GPUs so that all have the same to do.",
        discussion: """
            The weights are a JSON list of layers, each a list of loads: how many tokens each \
            expert got. Busy experts get several of the replicas. If the groups can be shared out \
            among the nodes, each group stays on one node, unless --locality says otherwise.

            Policies:
              reference    bit-identical to DeepSeek's EPLB
              balanced     no expert twice on a GPU, pairwise swaps: more even
              incremental  as few changes of --previous as reach --target

            Examples:
              openinfra eplb --weights w.json --replicas 16 --gpus 8 --groups 4 --nodes 2
              openinfra eplb --weights w.json --replicas 288 --gpus 32 --policy balanced
              openinfra eplb --weights w.json --replicas 288 --gpus 32 \\
                --policy incremental --previous plan.json --target 0.95 --svg plan.svg
            """
    )

    @Option(help: "JSON file with a list of layers, each a list of loads.")
    var weights: String

    @Option(help: "Slots for experts over all GPUs; a multiple of --gpus.")
    var replicas: Int

    @Option(help: "Groups of consecutive experts.")
    var groups = 1

    @Option(help: "Servers.")
    var nodes = 1

    @Option(help: "GPUs over all servers.")
    var gpus: Int

    @Option(help: "reference, balanced or incremental.")
    var policy = PolicyName.reference

    @Option(
        help: """
            Where copies may go: nodes (groups stay within nodes), anywhere, or auto (nodes where \
            groups divide by nodes). The reference policy decides itself.
            """
    )
    var locality: LocalityName?

    @Option(help: "The plan in use, as --json printed it; what moves is counted from it.")
    var previous: String?

    @Option(help: "Mean over largest GPU load to reach, for incremental. (default: 0.95)")
    var target: Double?

    @Option(help: "Write a picture of the loads before and after to this file.")
    var svg: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    enum PolicyName: String, ExpressibleByArgument, CaseIterable {
        case reference, balanced, incremental
    }

    enum LocalityName: String, ExpressibleByArgument, CaseIterable {
        case auto, nodes, anywhere

        var locality: PlacementLocality {
            switch self {
            case .auto: .automatic
            case .nodes: .withinNodes
            case .anywhere: .anywhere
            }
        }
    }

    func validate() throws {
        if policy != .incremental, let target {
            throw ValidationError("--target is \(target); only --policy incremental has one")
        }
        if policy == .reference, let locality {
            throw ValidationError(
                "--locality is \(locality.rawValue); only balanced and incremental policies have "
                    + "a choice"
            )
        }
        if policy == .incremental, previous == nil {
            throw ValidationError("--previous is missing; incremental changes a plan in use")
        }
    }

    func run() throws {
        let loads = try blamingArguments { try ExpertLoads(json: read(weights)) }
        let shape = try blamingArguments {
            try PlacementShape(replicas: replicas, groups: groups, nodes: nodes, gpus: gpus)
        }
        let before = try previous.map(readPlan)
        let placement = try blamingArguments {
            try ExpertLoadBalancer.rebalance(loads, shape: shape, policy: chosenPolicy(before))
        }
        let report = try blamingArguments {
            try EPLBReport(placement, loads: loads, shape: shape, previous: before)
        }
        if let svg {
            let picture = try PlacementPicture(
                placement,
                loads: loads,
                gpuCount: gpus,
                previous: before
            ).svg
            do {
                try Data(picture.utf8).write(to: URL(filePath: svg), options: .atomic)
            } catch {
                throw FileFailure("write", svg, error)
            }
        }
        if json { try Console.printJSON(report) } else { print(report.table) }
    }

    private func chosenPolicy(_ before: ExpertPlacement?) -> PlacementPolicy {
        let locality = (locality ?? .auto).locality
        switch (policy, before) {
        case (.incremental, let before?):
            return .incremental(
                previous: before,
                target: target ?? PlacementPolicy.defaultTarget,
                locality: locality
            )
        case (.balanced, _), (.incremental, nil): return .balanced(locality: locality)
        case (.reference, _): return .reference
        }
    }

    private func read(_ path: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw FileFailure("read", path, error)
        }
    }

    /// Reads a plan; what it contains is the user's to correct.
    private func readPlan(_ path: String) throws -> ExpertPlacement {
        let data = try read(path)
        do {
            return try JSONDecoder().decode(ExpertPlacement.self, from: data)
        } catch DecodingError.dataCorrupted(let context) {
            let cause = (context.underlyingError as? PlacementError)?.message
            throw ValidationError("--previous: \(cause ?? "\(path) is not JSON")")
        } catch {
            throw ValidationError(
                "--previous: \(path) is no plan; it must hold phy2log, a list of layers, each "
                    + "the expert of each slot"
            )
        }
    }

    /// Turns what is wrong with arguments into wrong usage.
    private func blamingArguments<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as PlacementError {
            switch error.code {
            case .invalidLoads: throw ValidationError("--weights: \(error.message)")
            case .invalidPlacement: throw ValidationError("--previous: \(error.message)")
            default: throw ValidationError("--\(error.message)")
            }
        }
    }
}

/// A file could not be read or written.
private struct FileFailure: Error, CustomStringConvertible {
    let description: String

    init(_ verb: String, _ path: String, _ error: any Error) {
        let reason =
            switch (error as? CocoaError)?.code {
            case .fileReadNoSuchFile?, .fileNoSuchFile?: "no such file or folder"
            case .fileReadNoPermission?, .fileWriteNoPermission?: "no permission"
            case .fileWriteOutOfSpace?: "no space left"
            default: "\(error)"
            }
        description = "cannot \(verb) \(path): \(reason)"
    }
}
