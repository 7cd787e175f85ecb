public import FoundationEssentials
public import InfraCore

/// What a process is told, in environment variables, about its place in a group.
///
/// | variable | meaning |
/// |---|---|
/// | `OPENINFRA_RANK` | which rank the process is, from 0 |
/// | `OPENINFRA_SEGMENT` | the file of shared memory that the ranks meet in |
public struct RankEnvironment: Hashable, Sendable {
    /// Which rank the process is.
    public let rank: Int
    /// The file of shared memory.
    public let segmentPath: String

    /// Names a place in a group.
    public init(rank: Int, segmentPath: String) {
        self.rank = rank
        self.segmentPath = segmentPath
    }

    static let rankVariable = "OPENINFRA_RANK"
    static let segmentVariable = "OPENINFRA_SEGMENT"

    /// This process's place; `nil` if it was not started as a rank.
    ///
    /// - Parameter variables: The environment.
    /// - Throws: ``TransportErrorCode/invalidArgument`` if only part of it is set, or the rank is
    ///   no number.
    public static func current(
        _ variables: [String: String] = ProcessInfo.processInfo.environment
    ) throws(TransportError) -> RankEnvironment? {
        switch (variables[rankVariable], variables[segmentVariable]) {
        case (nil, nil): return nil
        case (let rank?, let path?):
            guard let number = Int(rank), number >= 0 else {
                throw TransportError(
                    .invalidArgument,
                    "\(rankVariable) is \(rank); it must be a number from 0"
                )
            }
            return RankEnvironment(rank: number, segmentPath: path)
        default:
            throw TransportError(
                .invalidArgument,
                "only one of \(rankVariable) and \(segmentVariable) is set; set both or none"
            )
        }
    }

    /// The variables that tell a process its place.
    var variables: [String: String] {
        [Self.rankVariable: "\(rank)", Self.segmentVariable: segmentPath]
    }
}
