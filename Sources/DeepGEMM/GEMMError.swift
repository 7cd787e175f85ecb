public import InfraCore

/// The kinds of failure this module reports.
public struct GEMMErrorCode: FailureCode {
    /// The module's name.
    public static let domain = "DeepGEMM"
    /// The code's stable name.
    public let name: String
    init(_ name: String) { self.name = name }

    /// Shapes do not fit each other or the operation.
    public static let shapeMismatch = GEMMErrorCode("shapeMismatch")
    /// A size is not a multiple of what the copy engine needs.
    public static let misaligned = GEMMErrorCode("misaligned")
    /// A dtype or scale granularity is not the one an operation takes.
    public static let dtypeMismatch = GEMMErrorCode("dtypeMismatch")
    /// A row's group or a group's count lies outside its range.
    public static let outOfRange = GEMMErrorCode("outOfRange")
}

/// An error of DeepGEMM.
public typealias GEMMError = Failure<GEMMErrorCode>
