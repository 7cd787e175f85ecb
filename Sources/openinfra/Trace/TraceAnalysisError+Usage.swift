import ArgumentParser
import InfraCore
import TraceAnalysis

extension TraceAnalysisError {
    /// The same failure as a wrong use of `option`, if its value caused it; itself otherwise.
    func blamed(on option: String) -> any Error {
        code == .invalidRules ? ValidationError("\(option): \(self)") : self
    }
}
