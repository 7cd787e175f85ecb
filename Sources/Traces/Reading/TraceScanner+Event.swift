extension TraceScanner {
    /// Reads one entry of `traceEvents`; the position is at its opening brace.
    mutating func event(_ event: inout RawTraceEvent) throws(TraceScanStop) {
        try object { (scanner, key) throws(TraceScanStop) in
            switch key.count {
            case 2 where key.matches("ts"): event.start = try scanner.nanoseconds()
            case 2 where key.matches("ph"):
                event.kind = try scanner.text("a text").bytes.first ?? 0
            case 3 where key.matches("pid"): event.process = try scanner.track()
            case 3 where key.matches("tid"): event.thread = try scanner.track()
            case 3 where key.matches("dur"): event.duration = try scanner.nanoseconds()
            case 3 where key.matches("cat"): event.category = try scanner.optionalText()
            case 4 where key.matches("name"): event.name = try scanner.optionalText()
            case 4 where key.matches("args"): try scanner.arguments(&event)
            default: try scanner.skipValue()
            }
        }
    }

    private mutating func arguments(_ event: inout RawTraceEvent) throws(TraceScanStop) {
        guard try byte == UInt8(ascii: "{") else { return try skipValue() }
        try object { (scanner, key) throws(TraceScanStop) in
            switch key.count {
            case 4 where key.matches("grid"): event.blockCount = try scanner.product()
            case 4 where key.matches("name"): event.argumentName = try scanner.optionalText()
            case 6 where key.matches("stream"): event.stream = try scanner.integer() ?? -1
            case 11 where key.matches("correlation"):
                event.correlation = try scanner.integer() ?? -1
            default: try scanner.skipValue()
            }
        }
    }

    /// Reads an object, handing each key to `body`, which must read or skip its value.
    @inline(__always)
    private mutating func object(
        _ body: (inout TraceScanner, UnsafeRawBufferPointer) throws(TraceScanStop) -> Void
    ) throws(TraceScanStop) {
        try expect(UInt8(ascii: "{"), "an object")
        skipSpace()
        if try byte == UInt8(ascii: "}") {
            position += 1
            return
        }
        while true {
            let key = try text("a key in quotes").bytes
            skipSpace()
            try expect(UInt8(ascii: ":"), "a colon")
            skipSpace()
            try body(&self, key)
            skipSpace()
            switch try byte {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return
            default:
                throw .unexpected(at: position, expected: "a comma or }")
            }
            skipSpace()
        }
    }

    /// Reads a text; any other value counts as an empty one.
    @inline(__always)
    private mutating func optionalText() throws(TraceScanStop) -> RawTraceText {
        if try byte == UInt8(ascii: "\"") { return try text("a text") }
        try skipValue()
        return RawTraceText()
    }

    @inline(__always)
    private mutating func track() throws(TraceScanStop) -> RawTraceEvent.Track {
        if try byte == UInt8(ascii: "\"") { return .text(try text("a text")) }
        return try integer().map { .number($0) } ?? .absent
    }

    /// The product of a list of whole numbers; -1 if the value is something else.
    private mutating func product() throws(TraceScanStop) -> Int64 {
        guard try byte == UInt8(ascii: "[") else {
            try skipValue()
            return -1
        }
        let start = position
        position += 1
        var result: Int64 = 1
        while true {
            skipSpace()
            guard let factor = try integer(), factor >= 0 else { break }
            let (value, overflow) = result.multipliedReportingOverflow(by: factor)
            result = overflow ? .max : value
            skipSpace()
            let next = try byte
            position += 1
            if next == UInt8(ascii: "]") { return result }
            guard next == UInt8(ascii: ",") else { break }
        }
        position = start
        try skipValue()
        return -1
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `text`, which has the same length.
    @inline(__always)
    fileprivate func matches(_ text: StaticString) -> Bool {
        for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] {
            return false
        }
        return true
    }
}
