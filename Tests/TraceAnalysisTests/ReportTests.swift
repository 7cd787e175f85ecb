import Foundation
import InfraCore
import Testing
import TraceAnalysis

@Suite("The report")
struct ReportTests {
    private func summary(_ text: String = SmallTrace.text) throws -> TraceSummary {
        let file = try TraceFile(text)
        return try TraceAnalyzer().analyze(contentsOf: file.path)
    }

    @Test("the page names each figure and loads nothing from elsewhere")
    func page() throws {
        let html = OverlapReport(try summary()).html
        for text in [
            "42.11%", "35.48%", "0.310", "prefers-color-scheme:dark",
            "dpsk::ep::internode::dispatch",
            "0.090 ms", "<td>layer</td>", "title=\"exposed communication: 0.110 ms\"",
        ] {
            #expect(html.contains(text), "\(text)")
        }
        for forbidden in ["http:", "https:", "<script", "url("] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
    }

    @Test("names from the trace cannot become markup")
    func escaping() throws {
        let trace = SmallTrace.text.replacingOccurrences(of: "\"layer\"", with: "\"<b>&x\"")
        let html = OverlapReport(try summary(trace)).html
        #expect(html.contains("&lt;b&gt;&amp;x"))
        #expect(!html.contains("<b>&x"))
    }

    @Test("the text shows classes, annotations, streams and exposed pieces of a single rank")
    func text() throws {
        let text = OverlapTable(try summary()).text
        for line in [
            "rank 5      0.310   45.16%         61.29%   25.81%   35.48%  19.35%  42.11%",
            "communication  0.190           61.29%",
            "7         0.145         0.065           0.020          0.080",
            "0.090 ms at 0.150: dpsk::ep::internode::dispatch in layer, before own",
        ] {
            #expect(text.contains(line), "\(line)\n\(text)")
        }
    }

    @Test("a report that cannot be written names its path")
    func unwritable() throws {
        let report = OverlapReport(try summary())
        let error = #expect(throws: TraceAnalysisError.self) {
            try report.write(to: "/nowhere/report.html")
        }
        #expect(error?.code == .fileFailure)
        #expect(error?.message.contains("/nowhere/report.html") == true)
    }
}
