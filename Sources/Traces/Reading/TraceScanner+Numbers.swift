extension TraceScanner {
    /// Larger times, in nanoseconds, do not fit 64 bits. Times since 1970 are at 2e15 today.
    private static let maximumMicroseconds: UInt64 = 9_000_000_000_000_000

    /// Reads a time in microseconds, whole or fractional; `null` counts as 0.
    ///
    /// Profilers write times since 1970 with three decimals: more digits than a `Double` holds.
    ///
    /// - Returns: Nanoseconds, exact to the third decimal and rounded beyond.
    @inline(__always)
    mutating func nanoseconds() throws(TraceScanStop) -> Int64 {
        let start = position
        var isNegative = false
        var first = try byte
        if first == UInt8(ascii: "-") {
            isNegative = true
            position += 1
            first = try byte
        }
        guard first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
            position = start
            return try nullNanoseconds()
        }
        var value: UInt64 = 0
        var digitCount = 0
        while true {
            let digit = try byte &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            value = value &* 10 &+ UInt64(digit)
            digitCount += 1
            position += 1
        }
        var fraction: UInt64 = 0
        if try byte == UInt8(ascii: ".") {
            position += 1
            var scale: UInt64 = 1
            var roundsUp = false
            while true {
                let digit = try byte &- UInt8(ascii: "0")
                guard digit <= 9 else { break }
                if scale < 1000 {
                    fraction = fraction * 10 + UInt64(digit)
                    scale *= 10
                } else if scale == 1000 {
                    roundsUp = digit >= 5
                    scale = 10_000
                }
                position += 1
            }
            while scale < 1000 {
                fraction *= 10
                scale *= 10
            }
            if roundsUp { fraction += 1 }
        }
        let next = try byte
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position = start
            return try exponentNanoseconds()
        }
        guard digitCount <= 18, value < Self.maximumMicroseconds else {
            throw .unexpected(at: start, expected: "a time below 9e15 microseconds")
        }
        let magnitude = Int64(value &* 1000 &+ fraction)
        return isNegative ? -magnitude : magnitude
    }

    private mutating func nullNanoseconds() throws(TraceScanStop) -> Int64 {
        let start = position
        guard try byte == UInt8(ascii: "n") else {
            throw .unexpected(at: start, expected: "a number")
        }
        try skipValue()
        return 0
    }

    /// The rare form with an exponent.
    private mutating func exponentNanoseconds() throws(TraceScanStop) -> Int64 {
        let start = position
        try skipValue()
        let digits = UnsafeRawBufferPointer(start: base + start, count: position - start)
        guard let value = Double(String(decoding: digits, as: UTF8.self)),
            abs(value) < Double(Self.maximumMicroseconds)
        else {
            throw .unexpected(at: start, expected: "a time below 9e15 microseconds")
        }
        return Int64((value * 1000).rounded())
    }

    /// Reads a whole number; anything else is skipped.
    @inline(__always)
    mutating func integer() throws(TraceScanStop) -> Int64? {
        let start = position
        var isNegative = false
        if try byte == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        var value: Int64 = 0
        var digitCount = 0
        while true {
            let digit = try byte &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            value = value &* 10 &+ Int64(digit)
            digitCount += 1
            position += 1
        }
        let next = try byte
        let isWhole = next != UInt8(ascii: ".") && next | 0x20 != UInt8(ascii: "e")
        guard digitCount > 0, digitCount <= 18, isWhole else {
            position = start
            try skipValue()
            return nil
        }
        return isNegative ? -value : value
    }
}
