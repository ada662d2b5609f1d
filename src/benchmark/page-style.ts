// How the page of `--html` looks: one style sheet, light and dark as the reader's system is, with
// nothing fetched from anywhere.

/** As many servers as have a colour of their own; the rest share the last. */
export const seriesCount = 4;

const light = `
  --page: #fcfcfa; --text: #1b2328; --dim: #5d6a72; --line: #dfe3e6; --card: #f2f4f5;
  --s0: #1f63c6; --s1: #d3602a; --s2: #6a4fb8; --s3: #5c6b73;
  --better: #1f63c6; --worse: #b8455f;`;
const dark = `
  --page: #14181b; --text: #e7ebee; --dim: #9aa7af; --line: #2d353b; --card: #1d2327;
  --s0: #6ea8ff; --s1: #ff9a62; --s2: #b7a1ff; --s3: #a2b1b9;
  --better: #6ea8ff; --worse: #ff8fa5;`;

const series = Array.from(
  { length: seriesCount },
  (_, index) =>
    `.s${index} { fill: var(--s${index}); } ` +
    `.l${index} { fill: none; stroke: var(--s${index}); stroke-width: 2; }`,
).join("\n");

export const pageStyle = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 900px; padding: 2rem 1.25rem 4rem; background: var(--page);
  color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; }
.dim, caption { color: var(--dim); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: .75rem;
  margin: 1.5rem 0; padding: 0; list-style: none; }
.cards li { background: var(--card); border-radius: 10px; padding: .9rem 1rem; }
.cards strong { display: block; font-size: 1.8rem; line-height: 1.2; font-weight: 650;
  font-variant-numeric: tabular-nums; }
.cards span { color: var(--dim); font-size: .88rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .5rem 0; padding: 0;
  list-style: none; font-size: .92rem; }
.legend svg { vertical-align: -1px; margin-right: .4rem; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.legend svg { display: inline-block; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .tick { font-size: 11px; fill: var(--dim); }
svg .heading { font-weight: 600; font-size: 13px; }
svg .value { font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--line); }
svg .axis { stroke: var(--dim); }
.better { fill: var(--better); } .worse { fill: var(--worse); }
${series}
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr));
  gap: 1.25rem .75rem; }
.wide { overflow-x: auto; }
.wide > svg { min-width: 36rem; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums;
  width: 100%; }
caption { text-align: left; white-space: normal; padding: .75rem 0 .25rem; font-weight: 600; }
th, td { text-align: right; padding: .3rem .45rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child, .words { text-align: left; }
td.words { white-space: normal; }
thead th { color: var(--dim); font-weight: 600; }
tbody th { font-weight: 600; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--card); border-radius: 10px; padding: .8rem 1rem; overflow-x: auto; }
summary { cursor: pointer; font-weight: 600; }
.notes { color: var(--dim); font-size: .9rem; }
`;
