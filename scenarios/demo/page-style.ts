/** The style sheet of the demo page: one column on a telephone, picture and lists side by side on a desk. */
import { VIEW_DARK, VIEW_LIGHT } from '../../reports/view/palette.ts';
import { properties } from '../../reports/html/palette.ts';

/** Packets by what they are for. Shapes tell them apart as well. */
const KINDS_LIGHT = {
  'k-probe': '#b45309',
  'k-open': '#7a3db8',
  'k-data': '#2456b3',
  'k-again': '#c2185b',
  'k-ack': '#0f766a',
  'k-beat': '#6b7280',
  'k-control': '#0e7490',
  'k-close': '#7c4a1e',
  'k-error': '#c3262f',
};
const KINDS_DARK = {
  'k-probe': '#f0a04b',
  'k-open': '#cba0f5',
  'k-data': '#7fb0ff',
  'k-again': '#ff7eb6',
  'k-ack': '#4fd0b8',
  'k-beat': '#9aa3af',
  'k-control': '#5cc8e4',
  'k-close': '#d9a066',
  'k-error': '#ff7078',
};

const RULES = `
* { box-sizing: border-box; }
html { color-scheme: light dark; }
body { margin: 0; background: var(--sheet); color: var(--ink); font: 14px/1.45 system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1, h2, p, ol, pre, dl, dd { margin: 0; padding: 0; }
header { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: end; justify-content: space-between; padding: 18px 24px 12px; }
.title { flex: 1 1 420px; max-width: 720px; }
h1 { font-size: 22px; font-weight: 680; letter-spacing: -0.02em; }
.title p { color: var(--soft); }
.views { display: flex; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 3px; overflow-x: auto; max-width: 100%; }
.views button { border: 0; background: none; border-radius: 7px; padding: 6px 12px; white-space: nowrap; color: var(--soft); }
.views button[aria-pressed='true'] { background: var(--band); color: var(--link); font-weight: 600; }
button, select, input, textarea { font: inherit; color: inherit; }
button { background: var(--paper); border: 1px solid var(--strong); border-radius: 8px; padding: 5px 11px; min-height: 34px; cursor: pointer; }
button:hover:not(:disabled) { border-color: var(--focus); }
button:disabled { opacity: .45; cursor: default; }
button.primary { background: var(--focus); border-color: var(--focus); color: var(--paper); font-weight: 600; min-width: 78px; }
select, input[type='number'], input[type='text'], textarea { background: var(--paper); border: 1px solid var(--strong); border-radius: 8px; padding: 5px 8px; min-height: 34px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
[hidden] { display: none !important; }
form { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: end; padding: 0 24px 12px; }
form label { display: grid; gap: 2px; font-size: 12px; color: var(--soft); }
form label > * { font-size: 14px; color: var(--ink); }
form select { width: 172px; }
form label[data-field='transport'] select { width: 118px; }
form label[data-field='link'] select { width: 150px; }
form input[type='number'] { width: 72px; }
form label[data-field='seed'] input { width: 104px; }
#trouble { margin: 0 24px 12px; padding: 8px 12px; border-radius: 8px; color: var(--red); background: var(--red-tint); }
#trouble:empty { display: none; }
main { display: grid; grid-template-columns: minmax(0, 1fr) 372px; gap: 14px; padding: 0 24px 16px; align-items: start; }
#matrix-view { grid-template-columns: minmax(0, 1fr); }
.theatre, .card { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
.theatre { min-width: 0; overflow: hidden; display: flex; flex-direction: column; }
#stage { position: relative; height: 540px; overflow: hidden; touch-action: manipulation; }
#stage > canvas, #things { position: absolute; inset: 0; width: 100%; height: 100%; }
#things { pointer-events: none; }
#things > * { pointer-events: auto; position: absolute; }
#busy { position: absolute; top: 10px; left: 50%; transform: translateX(-50%); padding: 2px 12px; border-radius: 99px; background: var(--yellow-tint); color: var(--yellow); font-size: 12px; }
#busy:empty { display: none; }
.node { transform: translate(-50%, -50%); width: 122px; padding: 5px 10px 6px; border-radius: 11px; text-align: center; line-height: 1.25; background: var(--paper); border: 1.5px solid var(--strong); box-shadow: 0 1px 3px rgb(0 0 0 / 8%); }
.node b { display: block; font-weight: 640; }
.node i { display: block; font-style: normal; font-size: 11.5px; color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.node[data-kind='nat'] { border-radius: 4px; border-color: var(--fault); }
.node[data-kind='router'] { width: 96px; padding: 7px 14px; border-radius: 99px; border-style: dashed; color: var(--soft); box-shadow: none; }
.node[data-small] { width: 94px; padding: 3px 5px; font-size: 12.5px; }
.node[data-small] i { font-size: 11px; }
.node[data-well='good'] i { color: var(--green); }
.node[data-well='poor'] i { color: var(--yellow); }
.node[data-well='bad'] { border-color: var(--drop); }
.node[data-well='bad'] i { color: var(--red); font-weight: 600; }
.node[aria-pressed='true'], .wire[aria-pressed='true'] { border-color: var(--focus); box-shadow: 0 0 0 3px color-mix(in srgb, var(--focus) 25%, transparent); }
.wire { transform: translate(-50%, -50%); width: 24px; height: 24px; min-height: 0; padding: 0; border-radius: 50%; font-size: 12px; line-height: 1; color: var(--soft); }
.wire[data-ill] { background: var(--red-tint); color: var(--red); border-color: var(--drop); font-weight: 700; }
.table { width: 208px; font-size: 11.5px; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 5px 8px; transform: translateX(-50%); height: 148px; overflow: hidden; }
.table h3 { margin: 0 0 2px; font-size: 11px; font-weight: 600; color: var(--soft); }
.mapping { display: grid; grid-template-columns: 1fr auto; gap: 0 6px; line-height: 1.35; padding-top: 2px; white-space: nowrap; }
.mapping span { overflow: hidden; text-overflow: ellipsis; }
.mapping u { grid-column: 1 / -1; display: block; height: 3px; border-radius: 2px; background: var(--grid); overflow: hidden; }
.mapping u s { display: block; height: 100%; background: var(--udp); }
.mapping.tcp u s { background: var(--tcp); }
.mapping.over { color: var(--red); text-decoration: line-through; }
.transport { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; padding: 10px 14px; border-top: 1px solid var(--line); }
.transport label { display: flex; gap: 6px; align-items: center; color: var(--soft); }
.speed input { width: 132px; accent-color: var(--focus); }
#speed-text { width: 48px; color: var(--ink); }
#jump { width: 72px; }
.clock { margin-left: auto; color: var(--soft); }
#length { display: inline-block; min-width: 27px; text-align: right; }
#clock { display: inline-block; min-width: 84px; text-align: right; font-size: 17px; font-weight: 640; color: var(--ink); }
.timeline { position: relative; height: 62px; border-top: 1px solid var(--line); }
.timeline canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: ew-resize; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 9px 14px; border-top: 1px solid var(--line); font-size: 12px; color: var(--soft); }
.legend span { display: inline-flex; gap: 5px; align-items: center; }
.legend svg { width: 14px; height: 14px; }
aside { display: flex; flex-direction: column; gap: 14px; min-width: 0; }
.card { padding: 12px 16px 14px; min-width: 0; }
h2 { font-size: 14px; font-weight: 650; margin-bottom: 6px; }
h2 span { float: right; width: 170px; text-align: right; font-weight: 400; color: var(--soft); }
.quiet { color: var(--soft); }
#chosen-card { height: 296px; overflow: auto; }
.stones { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 8px; }
.stones button { padding: 2px 9px; min-height: 31px; font-size: 13px; }
.stones select { min-height: 31px; max-width: 214px; padding: 2px 6px; font-size: 13px; }
#chosen p { font-size: 13px; margin-bottom: 8px; }
#log, #letters { list-style: none; height: 164px; overflow: auto; font-size: 13px; }
#letters { height: 122px; }
#log li, #letters li { display: grid; grid-template-columns: 58px 1fr; gap: 8px; padding: 2px 0; border-top: 1px solid var(--grid); }
#log time, #letters time { color: var(--soft); text-align: right; }
#log .drop { color: var(--red); }
#log .fault { color: var(--fault); font-weight: 600; }
#letters span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#letters .late { color: var(--yellow); }
#letters .lost { color: var(--red); }
.below { grid-column: span 1; }
.row label { max-width: 100%; }
.row select { max-width: 100%; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 8px; }
#script { width: 100%; resize: vertical; margin-top: 6px; font: 13px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.digest { font: 600 16px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; color: var(--link); }
pre { margin-top: 6px; padding: 8px 10px; border-radius: 8px; background: var(--sheet); font: 12.5px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 148px; overflow: auto; }
#copied { color: var(--green); }
#matrix-view p { max-width: 820px; }
.scroll { overflow: auto; margin: 12px 0; }
#matrix { border-collapse: separate; border-spacing: 3px; }
#matrix th { font-weight: 600; font-size: 12.5px; padding: 2px 8px; color: var(--soft); white-space: nowrap; }
#matrix th[scope='row'] { text-align: right; position: sticky; left: 0; background: var(--paper); }
#matrix td { padding: 0; }
#matrix button { width: 76px; height: 44px; padding: 0; border-radius: 7px; border-color: transparent; background: var(--grid); color: var(--soft); font-size: 13px; }
#matrix button[data-way='direct'] { background: color-mix(in srgb, var(--bar-green) 30%, var(--paper)); color: var(--ink); }
#matrix button[data-way='none'] { background: var(--sheet); border-color: var(--line); color: var(--soft); }
footer { padding: 0 24px 24px; color: var(--soft); }
kbd { font: inherit; font-size: 12.5px; padding: 0 5px; border: 1px solid var(--strong); border-radius: 4px; color: var(--ink); }
@media (max-width: 980px) { main { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) {
header, form, main, footer { padding-left: 12px; padding-right: 12px; }
.title { flex-basis: 100%; }
form label { flex: 1 1 45%; }
form label > * { width: 100% !important; max-width: none; }
#stage { height: 560px; }
.node { width: 108px; padding: 4px 4px; font-size: 13px; }
.node i { font-size: 11px; }
.table { width: 168px; }
.node[data-small] { width: 76px; padding: 3px 2px; font-size: 12px; }
.clock { margin-left: 0; }
#matrix button { width: 54px; }
#matrix th { padding: 2px 4px; font-size: 11.5px; }
.speed input { width: 110px; }
#trouble { margin-left: 12px; margin-right: 12px; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; scroll-behavior: auto !important; } }
`;

/** The whole style sheet. */
export function demoStyle(): string {
  return `:root { ${properties({ ...VIEW_LIGHT, ...KINDS_LIGHT })} }
@media (prefers-color-scheme: dark) { :root { ${properties({ ...VIEW_DARK, ...KINDS_DARK })} } }
${RULES}`;
}
