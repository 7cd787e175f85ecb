/// What becomes of a value whose magnitude, once rounded, exceeds the target's largest finite one.
///
/// NaN is no overflow: it stays NaN under either rule.
public enum OverflowRule: Sendable, Hashable, CaseIterable {
    /// Overflow and infinities become the largest finite value of the same sign, as the
    /// `.satfinite` conversions of CUDA. The default of the 8-bit formats.
    case saturating
    /// Overflow becomes what the format has instead: infinity, or NaN where the format has no
    /// infinity (``Float8E4M3``, ``UE8M0``). The default of the formats of 16 and 32 bits, whose
    /// infinities carry meaning: an attention mask, a loss that diverged.
    case nonFinite
}
