import ArgumentParser
import DeepSeekModel
import InfraCore

extension ModelError {
    /// The same failure as a wrong use of `option`, if an argument caused it; itself otherwise.
    func blamed(on option: String) -> any Error {
        let causes: Set<ModelErrorCode> = [.invalidArgument, .invalidToken, .sequenceTooLong]
        return causes.contains(code) ? ValidationError("\(option): \(message)") : self
    }
}
