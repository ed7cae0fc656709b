/** The style sheet of the viewer: the picture takes the window, a panel beside it, a bar below it. */
import { properties } from '../html/palette.ts';
import { VIEW_DARK, VIEW_LIGHT } from './palette.ts';

const RULES = `
* { box-sizing: border-box; }
html { color-scheme: light dark; }
html, body { height: 100%; }
body { margin: 0; display: grid; grid-template: auto minmax(0, 1fr) 64px / minmax(0, 1fr) 330px; background: var(--paper); color: var(--ink); font: 13px/1.45 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1, h2, h3, h4, p, dl, dd, pre { margin: 0; }
header { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; padding: 10px 16px; border-bottom: 1px solid var(--line); }
h1 { font-size: 16px; font-weight: 650; letter-spacing: -0.01em; }
.about { min-width: 0; flex: 1 1 340px; }
.about p { color: var(--soft); font-size: 12px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; }
.group { display: flex; }
button { font: inherit; color: var(--soft); background: var(--paper); border: 1px solid var(--strong); padding: 3px 10px; cursor: pointer; margin-left: -1px; }
.group button:first-child { border-radius: 6px 0 0 6px; margin-left: 0; }
.group button:last-child { border-radius: 0 6px 6px 0; }
.group button:only-child { border-radius: 6px; }
button:hover { color: var(--ink); }
button[aria-pressed='true'] { color: var(--ink); background: var(--band); font-weight: 600; }
button[data-kind='tcp'][aria-pressed='true'] { color: var(--tcp); }
button[data-kind='udp'][aria-pressed='true'] { color: var(--udp); }
button[data-kind='icmp'][aria-pressed='true'] { color: var(--icmp); }
button[data-kind='drops'][aria-pressed='true'] { color: var(--drop); }
input[type='search'] { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--strong); border-radius: 6px; padding: 3px 10px; width: 240px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
#count { color: var(--soft); min-width: 96px; }
main { position: relative; min-height: 0; }
main canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; }
#skipped { position: absolute; right: 12px; bottom: 10px; padding: 2px 10px; border-radius: 6px; background: var(--yellow-tint); color: var(--yellow); }
#skipped:empty { display: none; }
aside { border-left: 1px solid var(--line); overflow: auto; padding: 14px 16px 24px; min-height: 0; }
aside h2 { font-size: 11px; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); margin: 20px 0 8px; }
aside h2:first-child { margin-top: 0; }
aside h2 span { float: right; letter-spacing: 0; text-transform: none; font-weight: 400; }
#chosen { min-height: 250px; }
h3 { font-size: 15px; font-weight: 650; }
.way { color: var(--soft); margin-bottom: 8px; }
.dropped { color: var(--drop); background: var(--red-tint); border-radius: 6px; padding: 6px 10px; margin: 6px 0 10px; }
dl { display: grid; grid-template-columns: 66px 1fr; gap: 2px 8px; margin: 6px 0; }
dt { color: var(--soft); }
dd { overflow-wrap: anywhere; }
pre, code { font: 11.5px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { background: var(--sheet); border-radius: 6px; padding: 8px 10px; margin-top: 8px; overflow: auto; }
.text { overflow-wrap: anywhere; }
.quiet { color: var(--soft); }
h4 { font-size: 13px; font-weight: 600; margin: 12px 0 2px; }
h4:first-child { margin-top: 0; }
small { font-size: 11.5px; font-weight: 400; color: var(--soft); }
.mapping { display: grid; grid-template-columns: auto 1fr auto; gap: 0 8px; align-items: baseline; padding: 5px 0; border-top: 1px solid var(--line); }
.mapping .remote { grid-column: 1 / -1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tag { font-size: 10.5px; font-weight: 600; text-transform: uppercase; }
.tag.tcp { color: var(--tcp); }
.tag.udp { color: var(--udp); }
.life { grid-column: 1 / -1; position: relative; height: 4px; margin-top: 4px; border-radius: 2px; background: var(--grid); }
.life b { position: absolute; top: 0; bottom: 0; border-radius: 2px; }
.life b.tcp { background: var(--tcp); }
.life b.udp { background: var(--udp); }
.life u { position: absolute; top: -2px; bottom: -2px; width: 1px; background: var(--ink); }
.legend { display: grid; grid-template-columns: 34px 1fr; gap: 3px 8px; color: var(--soft); align-items: center; }
.legend svg { width: 34px; height: 12px; fill: none; stroke-width: 1.6; }
.keys { display: grid; grid-template-columns: 74px 1fr; gap: 2px 8px; color: var(--soft); }
.keys kbd { font: inherit; color: var(--ink); }
footer { grid-column: 1 / -1; border-top: 1px solid var(--line); position: relative; }
footer canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: ew-resize; }
@media (max-width: 820px) { body { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto minmax(0, 1fr) minmax(0, 34vh) 64px; } aside { border-left: 0; border-top: 1px solid var(--line); } }
`;

/** The whole style sheet. */
export function viewerStyle(): string {
  return `:root { ${properties(VIEW_LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${properties(VIEW_DARK)} } }
${RULES}`;
}
