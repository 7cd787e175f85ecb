/// The reason why a group ended.
extension SharedSegment {
    /// Leaves the reason for everyone to read; the first one wins.
    func publishAbort(_ reason: String) {
        if add(SegmentLayout.abortClaimOffset, 1) == 0 {
            let text = Array(reason.utf8.prefix(SegmentLayout.abortTextByteCount))
            text.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                (base + SegmentLayout.abortTextOffset).copyMemory(
                    from: start,
                    byteCount: source.count
                )
            }
            store(SegmentLayout.abortByteCountOffset, UInt32(text.count))
            store(SegmentLayout.abortReadyOffset, 1)
        }
        ringAll()
    }

    /// The reason, once one was left.
    var abortReason: String? {
        guard load(SegmentLayout.abortReadyOffset) == 1 else { return nil }
        let count = min(
            Int(load(SegmentLayout.abortByteCountOffset)),
            SegmentLayout.abortTextByteCount
        )
        let text = UnsafeRawBufferPointer(
            start: base + SegmentLayout.abortTextOffset,
            count: count
        )
        return String(decoding: text, as: UTF8.self)
    }
}
