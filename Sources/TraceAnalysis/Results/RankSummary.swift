/// What one rank did.
public struct RankSummary: Sendable {
    /// A time that belongs to a name.
    public struct NamedTime: Hashable, Sendable {
        /// The class or annotation.
        public var name: String
        /// The time in microseconds.
        public var microseconds: Double
    }

    /// A stream of a device, or a thread.
    public struct Lane: Hashable, Sendable, Encodable {
        /// The stream's number, or the thread's.
        public var name: String
        /// How many pieces of work ran.
        public var spanCount: Int
        /// While anything ran on it, in microseconds.
        public var busy: Double
        /// The gaps between its first start and its last end.
        public var idle: IdleSplit

        private enum CodingKeys: String, CodingKey {
            case name = "stream"
            case spanCount = "span_count"
            case busy = "busy_us"
            case idle = "idle_split"
        }
    }

    /// What the device did for one annotation of the program.
    public struct Annotation: Hashable, Sendable, Encodable {
        /// What the program calls it.
        public var name: String
        /// How often it came.
        public var occurrenceCount: Int
        /// The union of what was launched in it, in microseconds.
        public var deviceTime: Double
        /// The median time from one occurrence's first device work to the next one's, in
        /// microseconds; `nil` below three occurrences.
        public var period: Double?
        /// How far the periods are apart, relative to the median.
        public var periodSpread: Double?

        private enum CodingKeys: String, CodingKey {
            case name
            case occurrenceCount = "occurrence_count"
            case deviceTime = "device_us"
            case period = "period_us"
            case periodSpread = "period_spread"
        }
    }

    /// A stretch in which communication ran and nothing computed.
    public struct ExposedPiece: Hashable, Sendable, Encodable {
        /// When it began, in microseconds after the window's start.
        public var start: Double
        /// How long it was, in microseconds.
        public var duration: Double
        /// The communication that ran longest in it.
        public var name: String
        /// The annotation that launched it; `nil` if unknown.
        public var annotation: String?
        /// Whether that communication waits for other ranks.
        public var isWait: Bool
        /// What computed next: what the rank was kept from; `nil` at the end.
        public var nextCompute: String?

        private enum CodingKeys: String, CodingKey {
            case start = "start_us"
            case duration = "duration_us"
            case name
            case annotation
            case isWait = "is_wait"
            case nextCompute = "next_compute"
        }
    }

    /// What the trace, or its metadata, calls the rank.
    public var label: String
    /// How the window was used.
    public var figures: OverlapFigures
    /// The sum of the durations of each class, in the order of the rules.
    public var classes: [NamedTime]
    /// The sum of the durations of copies and fills, in microseconds.
    public var memory: Double
    /// The part of the communication's durations that moves data, in microseconds.
    public var communicationData: Double
    /// The part that waits for other ranks.
    public var communicationWait: Double
    /// Streams or threads.
    public var lanes: [Lane]
    /// Annotations, the longest first.
    public var annotations: [Annotation]
    /// The time in which one layer or microbatch followed another, in microseconds: the median over
    /// the annotations that come most often, if they agree within a quarter; else `nil`.
    public var period: Double?
    /// How the multiprocessors were shared; `nil` if the trace does not say how many there are.
    public var multiprocessors: MultiprocessorUse?
    /// The longest stretches of exposed communication, the longest first.
    public var exposedPieces: [ExposedPiece]

    /// The gaps of all lanes together.
    public var idle: IdleSplit {
        lanes.reduce(into: IdleSplit()) { $0 += $1.idle }
    }
}
