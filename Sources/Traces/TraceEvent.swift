/// One entry of a Chrome trace ("Trace Event Format", Google, 2016).
public struct TraceEvent: Hashable, Sendable {
    /// What the entry is: the letter in its `ph` field.
    public struct Kind: Hashable, Sendable {
        /// The letter.
        public let letter: String
        /// Keeps a letter of the format.
        public init(_ letter: String) { self.letter = letter }

        /// `X`: a span with a start and a duration.
        public static let span = Kind("X")
        /// `C`: values that a viewer draws as a curve.
        public static let counter = Kind("C")
        /// `i`: a moment.
        public static let instant = Kind("i")
        /// `M`: the name of a process or thread.
        public static let metadata = Kind("M")
        /// `s`: where an arrow starts.
        public static let flowStart = Kind("s")
        /// `f`: where an arrow ends.
        public static let flowEnd = Kind("f")
    }

    /// What is shown.
    public var name: String
    /// A comma-separated list that viewers filter by; `nil` if absent.
    public var category: String?
    /// What the entry is.
    public var kind: Kind
    /// When it happens or starts, in microseconds of the trace's clock.
    public var timestampMicroseconds: Double
    /// How long a span takes, in microseconds; `nil` for other kinds.
    public var durationMicroseconds: Double?
    /// The process it belongs to.
    public var process: TrackID
    /// The thread it belongs to.
    public var thread: TrackID
    /// Joins the two ends of an arrow; `nil` if absent.
    public var id: TraceValue?
    /// Whatever else is known.
    public var arguments: [String: TraceValue]

    /// Creates an entry.
    public init(
        name: String,
        category: String? = nil,
        kind: Kind,
        timestampMicroseconds: Double,
        durationMicroseconds: Double? = nil,
        process: TrackID,
        thread: TrackID,
        id: TraceValue? = nil,
        arguments: [String: TraceValue] = [:]
    ) {
        self.name = name
        self.category = category
        self.kind = kind
        self.timestampMicroseconds = timestampMicroseconds
        self.durationMicroseconds = durationMicroseconds
        self.process = process
        self.thread = thread
        self.id = id
        self.arguments = arguments
    }

    /// When a span ends, in microseconds; for other kinds, when they happen.
    public var endMicroseconds: Double { timestampMicroseconds + (durationMicroseconds ?? 0) }
}

extension TraceEvent: Codable {
    private enum Key: String, CodingKey {
        case name, cat, ph, ts, dur, pid, tid, id, args, s, bp
    }

    /// Reads one element of `traceEvents`. Times may be whole or fractional; process and thread
    /// may be numbers or texts, and absent ones count as 0, as viewers do it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
        category = try container.decodeIfPresent(String.self, forKey: .cat)
        kind = Kind(try container.decode(String.self, forKey: .ph))
        timestampMicroseconds = try container.decodeIfPresent(Double.self, forKey: .ts) ?? 0
        durationMicroseconds = try container.decodeIfPresent(Double.self, forKey: .dur)
        process = try container.decodeIfPresent(TrackID.self, forKey: .pid) ?? 0
        thread = try container.decodeIfPresent(TrackID.self, forKey: .tid) ?? 0
        id = try container.decodeIfPresent(TraceValue.self, forKey: .id)
        arguments =
            try container.decodeIfPresent([String: TraceValue].self, forKey: .args) ?? [:]
    }

    /// Writes one element of `traceEvents`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(category, forKey: .cat)
        try container.encode(kind.letter, forKey: .ph)
        if kind != .metadata { try container.encode(timestampMicroseconds, forKey: .ts) }
        try container.encodeIfPresent(durationMicroseconds, forKey: .dur)
        try container.encode(process, forKey: .pid)
        try container.encode(thread, forKey: .tid)
        try container.encodeIfPresent(id, forKey: .id)
        if !arguments.isEmpty { try container.encode(arguments, forKey: .args) }
        // Viewers need to be told how far an instant reaches, and where an arrow binds.
        if kind == .instant { try container.encode("t", forKey: .s) }
        if kind == .flowEnd { try container.encode("e", forKey: .bp) }
    }
}
