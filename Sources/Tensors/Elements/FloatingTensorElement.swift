/// A floating-point element type: every value is exactly some `Float`, and every `Float` has a
/// nearest value.
public protocol FloatingTensorElement: TensorElement {
    /// The rule that conversions follow unless told otherwise.
    static var defaultOverflow: OverflowRule { get }

    /// The nearest value to `value`; of two equally near ones, the one with an even last bit.
    ///
    /// - Parameters:
    ///   - value: Any value. NaN stays NaN.
    ///   - overflow: What to do beyond the largest finite value.
    init(_ value: Float, overflow: OverflowRule)

    /// The same value as a `Float`: exact.
    var floatValue: Float { get }
}

extension FloatingTensorElement {
    /// The nearest value to `value` under ``defaultOverflow``; ties go to the even last bit.
    @inlinable @inline(__always)
    public init(_ value: Float) {
        self.init(value, overflow: Self.defaultOverflow)
    }
}

extension Float {
    /// The value of a narrower element: exact.
    @inlinable @inline(__always)
    public init<Element: FloatingTensorElement>(_ element: Element) {
        self = element.floatValue
    }
}

extension Float: FloatingTensorElement {
    /// Infinities stay.
    @inlinable public static var defaultOverflow: OverflowRule { .nonFinite }

    /// The value itself, with infinities brought to the largest finite value if asked for.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        if overflow == .saturating, value.magnitude == .infinity {
            self = value < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
        } else {
            self = value
        }
    }

    /// The value itself.
    @inlinable public var floatValue: Float { self }
}

extension Float16: FloatingTensorElement {
    /// Overflow becomes infinity.
    @inlinable public static var defaultOverflow: OverflowRule { .nonFinite }

    /// The nearest binary16; ties go to the even last bit.
    ///
    /// Done on bits: processors without F16C, which the package still supports, would call a
    /// library function per element.
    @inlinable @inline(__always)
    public init(_ value: Float, overflow: OverflowRule) {
        let code = MinifloatFormat.binary16.encode(value, saturating: overflow == .saturating)
        self.init(bitPattern: UInt16(truncatingIfNeeded: code))
    }

    /// The same value as a `Float`.
    @inlinable @inline(__always)
    public var floatValue: Float { MinifloatFormat.binary16.decode(UInt32(bitPattern)) }
}
