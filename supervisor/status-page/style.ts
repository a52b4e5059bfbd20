/** How the page looks. No picture and no font is fetched. */
export const STYLE = `:root{color-scheme:light dark;--ground:#f7f7f4;--card:#fff;--ink:#1c2126;--soft:#55606a;--edge:#d9dcd8;--link:#0b5a8a;--good:#1b6b3a;--busy:#7a5200;--bad:#b0202a;--line:#0b5a8a;--area:#0b5a8a26}
@media (prefers-color-scheme:dark){:root{--ground:#14181b;--card:#1c2226;--ink:#e6e9ea;--soft:#a3afb8;--edge:#343c42;--link:#84c5ee;--good:#7fd6a0;--busy:#eec06c;--bad:#ff9a96;--line:#84c5ee;--area:#84c5ee26}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,sans-serif;background:var(--ground);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:60rem;padding:1rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main:focus{outline:none}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem}
header{display:flex;justify-content:space-between;align-items:baseline;gap:1rem}
h1{font-size:1.6rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 .75rem}
.sub,.live{margin:0;color:var(--soft);overflow-wrap:anywhere}
.live{white-space:nowrap;font-size:.875rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.75rem 0}
nav a{padding:.25rem 0}
section{background:var(--card);border:1px solid var(--edge);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
.summary{font-size:1.15rem;font-weight:600;margin:0 0 1rem;overflow-wrap:anywhere}
.good{color:var(--good)}.busy{color:var(--busy)}.bad{color:var(--bad)}.quiet{color:var(--soft)}
table{width:100%;border-collapse:collapse}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .5rem .5rem 0;border-top:1px solid var(--edge);overflow-wrap:anywhere}
thead th{border:0;color:var(--soft);font-size:.8125rem;font-weight:500;overflow-wrap:normal}
th small,td small{display:block;color:var(--soft);font-weight:400}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.state{font-weight:600}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}
.chart{margin:0;min-width:0}
.chart svg{display:block;width:100%;height:7rem;overflow:visible}
.chart path{fill:none;vector-effect:non-scaling-stroke}
.chart .grid{stroke:var(--edge);stroke-width:1}.chart .line{stroke:var(--line);stroke-width:1.75;stroke-linejoin:round}.chart .area{fill:var(--area)}
.scale{display:flex;justify-content:space-between;margin:.25rem 0 0;color:var(--soft);font-size:.8125rem}
small{color:var(--soft);font-size:.8125rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1rem 0 0}
dt{color:var(--soft);font-size:.8125rem}dd{margin:0;overflow-wrap:anywhere}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-bottom:.75rem}
select,button{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:.25rem;padding:.25rem .5rem;min-height:2rem;max-width:100%}
.lines,.events{list-style:none;margin:0;padding:0;font:.8125rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
.lines{height:20rem;overflow-y:auto;border:1px solid var(--edge);border-radius:.25rem;padding:.5rem;white-space:pre-wrap}
.events{max-height:none}
.time{color:var(--soft);white-space:pre}
.stderr,.warning{color:var(--busy)}.error{color:var(--bad)}
.boot text{font-size:12px;fill:var(--ink)}.boot .mark{stroke:var(--soft);stroke-dasharray:2 3}.boot rect{fill:var(--line)}.boot .failed{fill:var(--bad)}.boot .skipped,.boot .milestone{fill:var(--soft)}
summary{cursor:pointer;padding:.25rem 0}
.digest{overflow-wrap:anywhere;color:var(--soft);font-size:.8125rem}
footer{color:var(--soft);font-size:.875rem}
@media (max-width:30rem){body{padding:.75rem}section{padding:.75rem}th,td{font-size:.875rem}}
`;
