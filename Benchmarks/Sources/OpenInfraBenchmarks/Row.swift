/// One measured figure.
struct Row: Encodable {
    /// What was measured, such as `gemm 512x512x512`.
    var name: String
    /// The figure, in `unit`.
    var value: Double
    var unit: String
    /// What the figure is compared with, measured in the same run.
    var baseline: String?
    /// The figure as a fraction of the baseline's.
    var share: Double?
}
