import Foundation
import InfraCore
import Testing
import TraceAnalysis

@Suite("Rules")
struct RulesTests {
    private func classes(_ rules: String) throws -> [String: Double] {
        let file = try TraceFile(SmallTrace.text)
        let rules = try AnalysisRules(json: Data(rules.utf8))
        let rank = try #require(
            try TraceAnalyzer(rules: rules).analyze(contentsOf: file.path).ranks.first
        )
        return Dictionary(uniqueKeysWithValues: rank.classes.map { ($0.name, $0.microseconds) })
    }

    @Test(
        "each kind of condition selects spans before the built-in rules do",
        arguments: [
            (#"{"class": "mine", "contains": "own"}"#, 10.0),
            (#"{"class": "mine", "prefix": ["ow", "flash"]}"#, 40),
            (#"{"class": "mine", "regex": "^own$|GemmK"}"#, 110),
            (#"{"class": "mine", "stream": 20}"#, 190),
            (#"{"class": "mine", "streams": ["7"], "category": "kernel"}"#, 140),
            (#"{"class": "mine", "contains": "own", "prefix": "flash", "regex": "Gemm"}"#, 140),
        ]
    )
    func conditions(_ rule: String, _ expected: Double) throws {
        #expect(try classes(#"{"classes": [\#(rule)]}"#)["mine"] == expected)
    }

    @Test("the first rule that matches counts, also before the one for copies")
    func order() throws {
        let times = try classes(
            #"{"classes": [{"class": "a", "contains": "own"}, {"class": "b", "stream": "7"}]}"#
        )
        #expect(times == ["a": 10, "b": 100 + 30 + 5, "communication": 190])
    }

    @Test("built-in rules can be replaced, and spans left out")
    func replaced() throws {
        let times = try classes(
            """
            {"replaceDefaults": true, "classes": [
              {"class": "x", "role": "ignored", "contains": "own"},
              {"class": "copies", "role": "memory", "category": "gpu_memcpy"}]}
            """
        )
        #expect(times == ["other": 320])
    }

    @Test("waits are told apart by rules too")
    func waits() throws {
        let file = try TraceFile(SmallTrace.text)
        let rules = try AnalysisRules(json: Data(#"{"waits": [{"contains": "dispatch"}]}"#.utf8))
        let rank = try TraceAnalyzer(rules: rules).analyze(contentsOf: file.path).ranks[0]
        #expect(rank.communicationWait == 190)
    }

    @Test(
        "what is wrong with rules is said with its place",
        arguments: [
            ("[]", "the rules must be an object"),
            ("{", "the rules are not JSON"),
            (#"{"clases": []}"#, "clases is unknown"),
            (#"{"classes": {}}"#, "classes must be a list"),
            (#"{"classes": [3]}"#, "classes[0] must be an object"),
            (#"{"classes": [{"contains": "x"}]}"#, "classes[0] has no class"),
            (#"{"classes": [{"class": "x"}]}"#, "classes[0] has no condition"),
            (#"{"classes": [{"class": "x", "contains": ""}]}"#, "classes[0].contains must be"),
            (#"{"classes": [{"class": "x", "contain": "y"}]}"#, "classes[0].contain is unknown"),
            (
                #"{"classes": [{"class": "x", "role": "work", "stream": 1}]}"#,
                "classes[0].role is \"work\"; use compute, communication, memory, ignored"
            ),
            (#"{"waits": [{"regex": "("}]}"#, "waits[0].regex is \"(\""),
            (#"{"replaceDefaults": 1}"#, "replaceDefaults must be true or false"),
        ]
    )
    func errors(_ rules: String, _ expected: String) {
        let error = #expect(throws: TraceAnalysisError.self) {
            try AnalysisRules(json: Data(rules.utf8))
        }
        #expect(error?.code == .invalidRules)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }

    @Test("a file of rules that is not there is a file failure that names it")
    func missingFile() {
        let error = #expect(throws: TraceAnalysisError.self) {
            try AnalysisRules(contentsOf: "/nowhere/rules.json")
        }
        #expect(error?.code == .fileFailure)
        #expect(error?.message.contains("/nowhere/rules.json") == true)
    }
}
