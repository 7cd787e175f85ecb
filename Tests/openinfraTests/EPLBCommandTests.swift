import Foundation
import Testing

@Suite("openinfra eplb")
struct EPLBCommandTests {
    struct Plan: Decodable {
        var phy2log: [[Int]]
        var log2phy: [[[Int]]]
        var logcnt: [[Int]]
        var balancedness: [Double]
        var experts_moved: [Int]?
    }

    private static let published = """
        [[90,132,40,61,104,165,39,4,73,56,183,86],[20,107,104,64,19,197,187,157,172,86,16,27]]
        """
    private static let shape = ["--replicas", "16", "--groups", "4", "--nodes", "2", "--gpus", "8"]

    private func run(
        _ arguments: [String],
        weights: String = published,
        in folder: TemporaryFolder
    ) throws -> ProgramRun {
        let path = try folder.write(weights, to: "w.json")
        return try ProgramRun(["eplb", "--weights", path] + arguments)
    }

    @Test("--json prints the original's answer to its published example")
    func reference() throws {
        let run = try run(Self.shape + ["--json"], in: TemporaryFolder())
        #expect(run.exitCode == 0, "\(run)")
        let plan = try run.decode(Plan.self)
        #expect(
            plan.phy2log == [
                [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1],
                [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1],
            ]
        )
        #expect(plan.log2phy[0][4] == [7, 5])
        #expect(plan.logcnt[0] == [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1])
        #expect(plan.balancedness.allSatisfy { $0 > 0.8 && $0 < 0.83 })
        #expect(plan.experts_moved == nil)
    }

    @Test("without --json: a row a layer, before and after")
    func table() throws {
        let run = try run(Self.shape, in: TemporaryFolder())
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.standardOutput.contains(#/layer +mean/max before +after +most copies/#))
        #expect(run.standardOutput.contains(#/\n +0 +0\.5403 +0\.8277 +2\n/#), "\(run)")
        #expect(run.standardOutput.contains("mean of 2 layers: 0.4802 before, 0.8164 after"))
    }

    @Test("incremental after the same loads moves nothing; after others it says how many")
    func incremental() throws {
        let folder = try TemporaryFolder()
        let anywhere = ["--replicas", "16", "--gpus", "8", "--json"]
        let first = try run(anywhere + ["--policy", "balanced"], in: folder)
        #expect(first.exitCode == 0, "\(first)")
        let plan = try folder.write(first.standardOutput, to: "plan.json")
        let follow = anywhere + ["--policy", "incremental", "--previous", plan]
        let same = try run(follow, in: folder)
        #expect(same.exitCode == 0, "\(same)")
        #expect(try same.decode(Plan.self).experts_moved == [0, 0])
        #expect(try same.decode(Plan.self).phy2log == first.decode(Plan.self).phy2log)

        let reversed = "[[86,183,56,73,4,39,165,104,61,40,132,90],[1,1,1,1,1,1,1,1,1,1,1,90]]"
        let next = try run(follow + ["--target", "0.7"], weights: reversed, in: folder)
        #expect(next.exitCode == 0, "\(next)")
        let moved = try #require(next.decode(Plan.self).experts_moved)
        #expect(moved.allSatisfy { $0 > 0 && $0 < 16 }, "\(next)")
    }

    @Test("--svg writes a picture")
    func picture() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("plan.svg").path
        let run = try run(Self.shape + ["--svg", path], in: folder)
        #expect(run.exitCode == 0, "\(run)")
        let svg = try String(contentsOfFile: path, encoding: .utf8)
        #expect(svg.hasPrefix("<svg ") && svg.contains("12 experts in 16 slots on 8 GPUs"))
    }

    @Test(
        "wrong arguments: exit code 64 and one line that names the argument",
        arguments: [
            (
                published, "--replicas 15 --gpus 8",
                "--replicas is 15; it must be a multiple of gpus"
            ),
            (published, "--replicas 8 --gpus 8", "--replicas is 8; it must be at least the number"),
            (published, "--replicas 0 --gpus 8", "--replicas is 0;"),
            (published, "--replicas 16 --gpus 8 --groups 5", "--groups is 5; it must divide"),
            (published, "--replicas 12 --gpus 3 --nodes 2 --groups 2", "--gpus is 3;"),
            (published, "--replicas 16 --gpus 8 --policy best", "best"),
            (published, "--replicas 16 --gpus 8 --policy incremental", "--previous is missing"),
            (published, "--replicas 16 --gpus 8 --target 0.9", "--target is 0.9; only"),
            (published, "--replicas 16 --gpus 8 --locality nodes", "--locality is nodes; only"),
            (
                published,
                "--replicas 16 --gpus 8 --groups 4 --nodes 3 --policy balanced --locality nodes",
                "--groups is 4, which is not a multiple of nodes, 3"
            ),
            ("[[1, -2]]", "--replicas 2 --gpus 2", "layer 0, expert 1 is -2"),
            ("[[1, NaN]]", "--replicas 2 --gpus 2", "layer 0, expert 1 is NaN"),
            ("[[1], [1, 2]]", "--replicas 2 --gpus 2", "layer 1 of loads has 2 experts"),
            ("hello", "--replicas 2 --gpus 2", "--weights: loads is no list of layers"),
        ]
    )
    func usage(weights: String, arguments: String, message: String) throws {
        let run = try run(
            arguments.split(separator: " ").map(String.init),
            weights: weights,
            in: TemporaryFolder()
        )
        #expect(run.exitCode == 64, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains(message), "\(run)")
        #expect(run.standardOutput.isEmpty, "\(run)")
    }

    @Test(
        "a previous plan that does not fit: exit code 64 and one line",
        arguments: [
            (#"{"phy2log": [[0, 1]]}"#, "--previous: the previous placement has 1 layers of 2"),
            (#"{"phy2log": [[0, 2, 2]]}"#, "--previous: expert 1 is in no slot of layer 0"),
            (#"{"logcnt": []}"#, "is no plan; it must hold phy2log"),
            ("nothing", "is not JSON"),
        ]
    )
    func previous(plan: String, message: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(plan, to: "plan.json")
        let run = try run(Self.shape + ["--previous", path], in: folder)
        #expect(run.exitCode == 64, "\(run)")
        #expect(run.errorLines.count == 1, "\(run)")
        #expect(run.standardError.contains(message), "\(run)")
    }

    @Test("a file that is not there: exit code 1 and its name")
    func missingFile() throws {
        let run = try ProgramRun(["eplb", "--weights", "none.json"] + Self.shape)
        #expect(run.exitCode == 1, "\(run)")
        #expect(
            run.errorLines == ["openinfra: error: cannot read none.json: no such file or folder"]
        )
    }
}
