public import InfraCore

/// The kinds of failure this module reports.
public struct PlacementErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "EPLB"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// Counts of replicas, groups, nodes, GPUs and experts do not fit each other.
    public static let invalidShape = PlacementErrorCode("invalidShape")
    /// A load is negative or not a number, or layers differ in their number of experts.
    public static let invalidLoads = PlacementErrorCode("invalidLoads")
    /// A placement leaves out an expert, names one that does not exist, or contradicts itself.
    public static let invalidPlacement = PlacementErrorCode("invalidPlacement")
    /// A policy asks for what the shape cannot give.
    public static let invalidPolicy = PlacementErrorCode("invalidPolicy")
}

/// An error of EPLB.
public typealias PlacementError = Failure<PlacementErrorCode>
