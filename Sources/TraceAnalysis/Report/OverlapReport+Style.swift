extension OverlapReport {
    /// How many colours classes have before they repeat.
    static let classColourCount = 10

    /// The page's style sheet, in a light and a dark form.
    static let style = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1d2733;--muted:#5c6976;--grid:#e1e6eb;--card:#f5f7f9;\
        --alone:#2f6db3;--both:#4b9b7d;--exposed:#d8622b;--copies:#9a7fc0}
        @media(prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e8ecf0;--muted:#9aa6b3;\
        --grid:#2b333c;--card:#1d232a;--alone:#3a78bd;--both:#3f8c70;--exposed:#d0602f;\
        --copies:#836aa8}}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:940px;margin:0 auto;padding:32px 20px 64px}
        h1{font-size:30px;margin:0 0 8px}h2{font-size:21px;margin:0 0 6px}
        h3{font-size:17px;margin:32px 0 6px}
        .lead{font-size:17px;color:var(--muted);margin:0 0 24px}
        section{margin-top:40px}section p{color:var(--muted);margin:0 0 12px;max-width:75ch}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
        .card{background:var(--card);border-radius:8px;padding:12px 14px;display:flex;\
        flex-direction:column}
        .card span,.card small{color:var(--muted);font-size:13px}.card b{font-size:24px}
        .row{display:flex;align-items:center;gap:12px;margin:6px 0}
        .row>span{flex:0 0 84px;font-size:14px;overflow:hidden;text-overflow:ellipsis;\
        white-space:nowrap}
        .bar{flex:1;display:flex;height:30px;border-radius:5px;overflow:hidden;\
        background:var(--grid)}
        .bar div{overflow:hidden;color:#fff;font-size:12px;line-height:30px;text-align:center}
        .bar .idle{color:var(--ink)}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 12px;\
        padding:0;font-size:14px;color:var(--muted)}
        .legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
        .legend i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
        .alone{background:var(--alone)}.both{background:var(--both)}
        .exposed{background:var(--exposed)}.copies{background:var(--copies)}
        .idle{background:var(--grid)}
        .c0{background:#c4572a}.c1{background:#2f6db3}.c2{background:#3f8c70}\
        .c3{background:#8a63ad}.c4{background:#a8842c}.c5{background:#b0527a}\
        .c6{background:#4c8fa3}.c7{background:#6f7b87}.c8{background:#6d8f3c}.c9{background:#7a5c48}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;margin-top:12px;font-variant-numeric:tabular-nums;\
        font-size:15px}
        td,th{padding:4px 0 4px 26px;text-align:right;border-bottom:1px solid var(--grid);\
        white-space:nowrap}
        td:first-child,th:first-child{text-align:left;padding-left:0}
        th{font-weight:600;color:var(--muted);font-size:13px}
        .pieces{list-style:none;margin:0;padding:0;font-size:14px}
        .pieces li{display:grid;grid-template-columns:110px 84px 1fr;gap:12px;padding:5px 0;\
        border-bottom:1px solid var(--grid);align-items:start}
        .pieces b{font-variant-numeric:tabular-nums;text-align:right}
        .pieces span{color:var(--muted);overflow-wrap:anywhere}
        .track{height:10px;margin-top:6px}.track div{height:10px;border-radius:2px;min-width:2px}
        code{font:0.92em ui-monospace,monospace;color:var(--ink)}
        """
}
