/** The report's style sheet: one column, readable from a phone to a wide screen, light and dark. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #d9dee5; --text: #1b2129; --quiet: #5b6673;
  --good: #13743a; --good-soft: #e3f4e9; --bad: #b3261e; --bad-soft: #fdeae8;
  --idle: #6a7482; --idle-soft: #eceff3; --wait: #c3cbd6; --run: #3d6fb4; --code: #f3f5f8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --card: #1a2027; --line: #313a45; --text: #e4e9ef; --quiet: #9aa6b4;
    --good: #5cc884; --good-soft: #16321f; --bad: #ff8a80; --bad-soft: #3c1a19;
    --idle: #97a2b0; --idle-soft: #262e38; --wait: #48535f; --run: #79a8e8; --code: #11161b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 70rem;
  background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: 0; font-size: 1.3rem; line-height: 1.3; }
h2 { margin: 2rem 0 .6rem; font-size: 1.05rem; }
h3 { margin: 1.1rem 0 .4rem; font-size: .82rem; color: var(--quiet); font-weight: 600; }
code, pre, .mono {
  font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
code { overflow-wrap: anywhere; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 1rem; margin: 0 0 .75rem;
}
.verdict { border-left: 6px solid var(--bad); }
.verdict.passed { border-left-color: var(--good); }
.verdict p { margin: .5rem 0 0; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; margin: .75rem 0 0; color: var(--quiet); font-size: .87rem; }
.facts dt { display: inline; }
.facts dt::after { content: " "; }
.facts dd { display: inline; margin: 0; color: var(--text); overflow-wrap: anywhere; }
.pill {
  display: inline-block; padding: .05rem .55rem; border-radius: 1rem;
  font-size: .8rem; font-weight: 600; white-space: nowrap;
}
.pill.passed { color: var(--good); background: var(--good-soft); }
.pill.failed { color: var(--bad); background: var(--bad-soft); }
.pill.skipped { color: var(--idle); background: var(--idle-soft); }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th { text-align: left; color: var(--quiet); font-weight: 600; font-size: .82rem; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td { overflow-wrap: anywhere; }
td.name { overflow-wrap: break-word; font-weight: 600; }
.digest { font-size: 11.5px; }
th { white-space: nowrap; }
details > summary { cursor: pointer; display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem .75rem; }
details > summary::before { content: "▸"; color: var(--quiet); }
details[open] > summary::before { content: "▾"; }
summary::-webkit-details-marker { display: none; }
summary .name { font-weight: 600; }
summary .what { color: var(--quiet); font-size: .9rem; overflow-wrap: anywhere; min-width: 0; }
.failure { background: var(--bad-soft); border-radius: 6px; padding: .65rem .8rem; margin: .8rem 0 0; overflow-wrap: anywhere; }
.failure dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .8rem; margin: .35rem 0 0; }
.failure dt { color: var(--quiet); }
.failure dd { margin: 0; }
.failure strong { color: var(--bad); }
pre {
  margin: 0; padding: .6rem 0; max-height: 26rem; overflow: auto;
  background: var(--code); border: 1px solid var(--line); border-radius: 6px;
}
pre span { display: block; padding: 0 .8rem; white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid transparent; }
pre .bad { background: var(--bad-soft); border-left-color: var(--bad); }
.screenshot { display: block; max-width: 100%; max-height: 32rem; margin: .6rem 0 0; border: 1px solid var(--line); border-radius: 6px; }
a { color: var(--run); }
.card > p:first-child { margin-top: 0; }
.note { color: var(--quiet); font-size: .85rem; margin: .35rem 0; }
.chart { display: grid; grid-template-columns: minmax(7rem, 14rem) 1fr; gap: .3rem .9rem; align-items: center; }
.chart .label { font-size: .87rem; overflow-wrap: anywhere; line-height: 1.3; }
.chart .label.probe { color: var(--quiet); padding-left: .9rem; font-size: .82rem; }
.chart svg { display: block; width: 100%; height: 18px; background: var(--code); border-radius: 3px; }
.chart .probe + svg { height: 14px; }
.chart .axis { position: relative; height: 1.2rem; font-size: .75rem; color: var(--quiet); }
.chart .axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.chart .axis span:first-child { transform: none; }
.pull { fill: var(--wait); } .start { fill: var(--idle); } .run { fill: var(--run); }
.good { fill: var(--good); } .wrong { fill: var(--bad); } .silent { fill: var(--idle); } .mark { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .9rem 0 0; color: var(--quiet); font-size: .82rem; }
.legend svg { width: 12px; height: 12px; margin-right: .35rem; vertical-align: -1px; }
@media (max-width: 40rem) {
  .chart { grid-template-columns: 1fr; gap: .15rem; }
  .chart .label { margin-top: .35rem; }
  .chart .label.probe { padding-left: 0; }
  .chart .corner { display: none; }
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td { border: 0; padding: .1rem 0; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--quiet); font-size: .82rem; }
}
@media print { body { background: none; } .card { break-inside: avoid; } pre { max-height: none; } }
`;
