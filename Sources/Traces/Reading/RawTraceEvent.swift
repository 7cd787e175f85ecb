/// One entry of a trace as the streaming reader hands it out: numbers are parsed, texts are still
/// bytes of the file. Valid only during the call that receives it.
package struct RawTraceEvent {
    /// A process or thread: a number, a text, or absent.
    package enum Track {
        case absent
        case number(Int64)
        case text(RawTraceText)
    }

    /// The letter in `ph`; 0 if absent.
    package var kind: UInt8 = 0
    /// The `name`.
    package var name = RawTraceText()
    /// The `cat`.
    package var category = RawTraceText()
    /// The `ts`, in nanoseconds.
    package var start: Int64 = 0
    /// The `dur`, in nanoseconds; 0 if absent.
    package var duration: Int64 = 0
    /// The `pid`.
    package var process = Track.absent
    /// The `tid`.
    package var thread = Track.absent
    /// `args.correlation`, which joins a kernel with the call that launched it; -1 if absent.
    package var correlation: Int64 = -1
    /// `args.stream`; -1 if absent.
    package var stream: Int64 = -1
    /// The product of `args.grid`: how many thread blocks a kernel has; -1 if absent.
    package var blockCount: Int64 = -1
    /// `args.name`: what a metadata entry calls a process or thread.
    package var argumentName = RawTraceText()

    package init() {}
}

/// A text of the file, quotes excluded.
package struct RawTraceText {
    /// The bytes as they stand in the file.
    package var bytes: UnsafeRawBufferPointer
    /// Whether there are backslashes in it.
    package var hasEscapes: Bool

    package init() {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        hasEscapes = false
    }

    package init(bytes: UnsafeRawBufferPointer, hasEscapes: Bool) {
        self.bytes = bytes
        self.hasEscapes = hasEscapes
    }
}
