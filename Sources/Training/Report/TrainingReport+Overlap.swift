import TraceAnalysis

extension TrainingReport {
    /// What the analyser finds in the trace of the last step.
    var overlapSection: String {
        guard let overlap else { return "" }
        return """
            <section><h2>Computation and communication</h2>
            <p>What <code>openinfra trace analyze</code> finds in the trace of the last step. On \
            the CPU a rank's messages share its thread, so the time it waits for them is \
            exposed.</p>
            <div class="picture-table">\(OverlapTable(overlap).html)</div></section>
            """
    }
}
