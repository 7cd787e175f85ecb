extension TrainingReport {
    /// The page's style sheet, in a light and a dark form.
    static let style = """
        :root{--paper:#fff;--ink:#1d2733;--muted:#64717f;--grid:#e4e8ec;--card:#f5f7f9;\
        --train:#7f9cc0;--held:#1f5fa8;--early:#c4d3e4}
        @media(prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e8ecf0;--muted:#97a3b0;\
        --grid:#2a323b;--card:#1d232a;--train:#5f7fa6;--held:#7db4ee;--early:#38506b}}
        body{margin:0;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,sans-serif}
        main{max-width:900px;margin:0 auto;padding:32px 20px 64px}
        h1{font-size:30px;margin:0 0 8px}h2{font-size:20px;margin:0 0 6px}
        .lead{font-size:17px;margin:0 0 24px}
        section{margin-top:40px}section>p{color:var(--muted);margin:0 0 14px;max-width:70ch}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
        .card{background:var(--card);border-radius:8px;padding:12px 14px;display:flex;\
        flex-direction:column}
        .card span,.card small{color:var(--muted);font-size:13px}.card b{font-size:24px}
        svg{width:100%;height:auto;display:block}svg text{font-size:12px}
        .picture{background:#fff;border-radius:8px;padding:8px;overflow-x:auto}
        .picture svg{width:auto;max-width:100%}
        .picture-table{overflow-x:auto}
        table{border-collapse:collapse;margin-top:14px;font-variant-numeric:tabular-nums}
        td,th{padding:4px 18px 4px 0;text-align:left;border-bottom:1px solid var(--grid)}
        th{font-weight:600;color:var(--muted);font-size:13px}
        pre{background:var(--card);border-radius:8px;padding:14px;white-space:pre-wrap;\
        overflow-wrap:anywhere;font:14px/1.45 ui-monospace,monospace}
        code{font:0.92em ui-monospace,monospace}
        """
}
