import Traces

extension SpanCollector {
    /// Looks at one entry of a trace that is in memory.
    func add(_ event: TraceEvent) {
        var raw = RawTraceEvent()
        raw.kind = event.kind.letter.utf8.first ?? 0
        raw.start = Self.nanoseconds(event.timestampMicroseconds)
        raw.duration = Self.nanoseconds(event.durationMicroseconds ?? 0)
        raw.correlation = Self.integer(event.arguments["correlation"])
        raw.stream = Self.integer(event.arguments["stream"])
        if case .array(let grid) = event.arguments["grid"] {
            raw.blockCount = grid.reduce(1) { product, factor in
                let factor = Self.integer(factor)
                return product < 0 || factor < 0
                    ? -1 : product.multipliedReportingOverflow(by: factor).partialValue
            }
        }
        var argumentName = ""
        if case .string(let text) = event.arguments["name"] { argumentName = text }
        Self.withText(event.name) { name in
            Self.withText(event.category ?? "") { category in
                Self.withText(argumentName) { argumentName in
                    Self.withTrack(event.process) { process in
                        Self.withTrack(event.thread) { thread in
                            raw.name = name
                            raw.category = category
                            raw.argumentName = argumentName
                            raw.process = process
                            raw.thread = thread
                            add(raw)
                        }
                    }
                }
            }
        }
    }

    private static func nanoseconds(_ microseconds: Double) -> Int64 {
        Int64(exactly: (microseconds * 1000).rounded()) ?? 0
    }

    private static func integer(_ value: TraceValue?) -> Int64 {
        guard case .int(let number) = value else { return -1 }
        return Int64(number)
    }

    private static func withText(_ text: String, _ body: (RawTraceText) -> Void) {
        var text = text
        text.withUTF8 {
            body(RawTraceText(bytes: UnsafeRawBufferPointer($0), hasEscapes: false))
        }
    }

    private static func withTrack(_ track: TrackID, _ body: (RawTraceEvent.Track) -> Void) {
        switch track {
        case .number(let number): body(.number(Int64(number)))
        case .name(let name): withText(name) { body(.text($0)) }
        }
    }
}
