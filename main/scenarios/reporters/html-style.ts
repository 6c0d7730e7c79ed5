/** Light or dark as the reader's system says. */
export const htmlStyle = `
:root { --back: #fbfbfc; --card: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d8dee4; --good: #1a7f37; --bad: #cf222e; --deed: #9a6700; --code: #f3f4f6; --focus: #0969da }
@media screen and (prefers-color-scheme: dark) { :root { --back: #0f1216; --card: #171b21; --text: #e6e9ed; --quiet: #9aa4af; --line: #2d333b; --good: #4cc26a; --bad: #ff7b72; --deed: #e0a83e; --code: #0b0e12; --focus: #58a6ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap }
h1 { font-size: 1.4rem; margin: 0 }
h2 { font-size: 1rem; margin: 1.2rem 0 .4rem }
header p { margin: 0 }
.filter { margin-left: auto; cursor: pointer; display: flex; align-items: center; gap: .4rem }
.filter input { margin: 0 }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px }
header p, .about { color: var(--quiet); font-weight: normal; overflow-wrap: anywhere }
.run { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px; padding: .7rem 1rem; margin: .8rem 0 }
.run.passed { border-left-color: var(--good) }
.run.stopped { border-left-color: var(--quiet) }
summary { cursor: pointer; overflow-wrap: anywhere }
.mark { font-weight: 600; color: var(--bad) }
body:has(#only:checked) .run.passed { display: none }
.passed > summary .mark, .passed > .mark { color: var(--good) }
.stopped > summary .mark, .stopped > .mark { color: var(--quiet) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .6rem 0 }
dt { color: var(--quiet) }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap }
.failure { border: 1px solid var(--bad); border-radius: 6px; padding: .2rem .9rem .6rem; margin: .8rem 0 }
.failure h2 { margin-top: .4rem }
dd.code { font: .87em/1.6 ui-monospace, monospace }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 4px; padding: .6rem; margin: .4rem 0; overflow-x: auto; font: 12.5px/1.45 ui-monospace, monospace }
.row { display: grid; grid-template-columns: minmax(12rem, 22rem) 1fr; gap: .8rem; align-items: center; border-bottom: 1px solid var(--line); min-height: 1.55rem; font-size: .87rem }
.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.track { position: relative; height: .75rem; display: block }
.axis { color: var(--quiet); font-size: .75rem }
.axis .track { display: flex; justify-content: space-between; height: auto }
.axis i { font-style: normal }
.bar { position: absolute; top: 0; height: 100%; min-width: 3px; border-radius: 3px; background: var(--good) }
.step .name { font-weight: 600 }
.expectation .bar { top: 25%; height: 50% }
.row.lost .bar { background: var(--bad) }
.row.lost .name { color: var(--bad) }
.row.lost .name::before { content: '✗ ' }
.deed .name { color: var(--quiet) }
.point { position: absolute; top: 0; width: .65rem; height: .65rem; margin-left: -.32rem; background: var(--deed); transform: rotate(45deg) }
table { border-collapse: collapse; width: 100%; font-size: .85rem }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { color: var(--quiet); font-weight: normal }
.short { white-space: nowrap; overflow-wrap: normal }
tr.lost td { color: var(--bad) }
.more { margin-top: .8rem }
.more > summary { color: var(--quiet) }
@media print {
  :root { font-size: 11px }
  body { max-width: none; padding: 0; font-size: 1rem }
  .filter { display: none }
  .run, .bar, .point { print-color-adjust: exact }
  h2, summary { break-after: avoid }
  .row, tr, dl { break-inside: avoid }
  pre { font-size: 8.5px; white-space: pre-wrap; overflow-wrap: anywhere }
}
`
