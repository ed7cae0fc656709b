/**
 * The style sheet of the report: type, palette, layout. One column of text, hairlines instead of boxes, colour for verdicts only.
 */
import { DARK, LIGHT, properties } from './palette.ts';
import { VIEW_STYLE } from './style-views.ts';

const BASE = `
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.wrap { max-width: 1180px; margin: 0 auto; padding: 0 28px; }
h1, h2, h3, p, dl, dd, ul, figure, blockquote { margin: 0; padding: 0; }
h2 { font-size: 17px; font-weight: 650; letter-spacing: -0.005em; }
h3 { font-size: 13px; font-weight: 650; color: var(--soft); margin-bottom: 8px; }
ul { list-style: none; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 3px; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
a:hover { text-decoration-color: currentColor; }
code, pre, .id, .target { font-family: var(--mono); font-size: 0.875em; }
button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
#view:focus { outline: none; }
.sr { position: absolute !important; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sprite { position: absolute; width: 0; height: 0; }
.icon { width: 1em; height: 1em; flex: none; fill: none; }
.icon, symbol { stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.solid { fill: currentColor; stroke-width: 0.6; }
.mark { display: inline-flex; align-items: baseline; gap: 0.4em; white-space: nowrap; }
.mark .icon { align-self: center; }
.s-green { color: var(--green); } .s-red { color: var(--red); } .s-purple { color: var(--purple); }
.s-yellow { color: var(--yellow); } .s-grey { color: var(--grey); } .s-hollow { color: var(--hollow); }
.f-green { fill: var(--bar-green); } .f-red { fill: var(--bar-red); } .f-purple { fill: var(--bar-purple); }
.f-yellow { fill: var(--bar-yellow); } .f-grey { fill: var(--bar-grey); } .f-hollow { fill: var(--bar-hollow); } .f-time { fill: var(--bar-time); }
.hint, .quiet { color: var(--soft); }
.count { color: var(--soft); font-weight: 400; }
.sentence { font-family: var(--serif); font-size: 1.06em; line-height: 1.5; text-wrap: pretty; }
.sentence code { font-size: 0.84em; }
.duty { font-weight: 600; font-size: 0.84em; letter-spacing: 0.04em; }
.level { font-size: 11px; letter-spacing: 0.06em; color: var(--soft); font-family: var(--sans); }
.l-MUST { color: var(--ink); font-weight: 600; }
pre { margin: 0; padding: 14px 16px; background: var(--sheet); border-radius: 6px; overflow: auto; line-height: 1.55; font-size: 12.5px; max-height: 32em; overflow-wrap: normal; }
.command { display: flex; align-items: flex-start; gap: 12px; padding: 9px 10px 9px 14px; background: var(--sheet); border-radius: 6px; }
.command code { flex: 1; line-height: 1.7; font-size: 13px; }
.command code::before { content: '$ '; color: var(--soft); user-select: none; }
.copy { border: 1px solid var(--strong); background: var(--paper); border-radius: 5px; padding: 1px 10px; font-size: 13px; min-width: 66px; }
.copy:hover { border-color: var(--soft); }

.mast { padding: 40px 0 0; }
.eyebrow { color: var(--soft); font-size: 14px; }
.eyebrow b { color: var(--ink); font-weight: 600; }
.mast h1 { display: flex; align-items: center; gap: 0.32em; font-size: clamp(28px, 5vw, 42px); line-height: 1.15; font-weight: 680; letter-spacing: -0.022em; margin: 8px 0 6px; }
.mast h1 .icon { width: 0.8em; height: 0.8em; stroke-width: 2.2; }
.detail { font-size: 17px; max-width: 68ch; text-wrap: pretty; }
.scores { display: flex; flex-wrap: wrap; gap: 22px 44px; margin: 26px 0 24px; }
.scores > div { min-width: 92px; }
.scores dt { font-size: 12px; letter-spacing: 0.06em; color: var(--soft); }
.scores dd { font-size: 25px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
.scores small { font-size: 15px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.scores .rest { display: block; font-size: 12.5px; line-height: 1.4; margin-top: 5px; }
.scores .meter { display: block; height: 3px; margin-top: 5px; border-radius: 2px; background: var(--bar-hollow); overflow: hidden; }
.scores .meter i { display: block; height: 100%; background: var(--bar-green); }
.about { display: flex; flex-wrap: wrap; gap: 4px 26px; margin: 16px 0 0; font-size: 13px; color: var(--soft); }
.about div { display: flex; gap: 6px; }
.about dd { color: var(--ink); }
.problems { margin: 18px 0 0; padding: 12px 16px; background: var(--yellow-tint); border-radius: 6px; font-size: 14px; }
.problems li + li { margin-top: 4px; }
.tabs { display: flex; gap: 28px; margin-top: 34px; border-bottom: 1px solid var(--line); }
.tabs a { padding: 10px 0 9px; color: var(--soft); text-decoration: none; font-weight: 550; margin-bottom: -1px; border-bottom: 2px solid transparent; }
.tabs a:hover { color: var(--ink); }
.tabs a[aria-current] { color: var(--ink); border-bottom-color: var(--ink); }
[data-view='matrix'] .mast, [data-view='spec'] .mast, [data-view='case'] .mast { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 26px; padding-top: 24px; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) :is(.mast .detail, .mast .command, .mast .about, .mast .meter, .mast .rest, .eyebrow span) { display: none; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) .mast h1 { order: -1; font-size: 21px; letter-spacing: -0.01em; margin: 0; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) .scores { order: -1; margin: 0; gap: 4px 18px; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) .scores > div { display: flex; gap: 6px; align-items: baseline; min-width: 0; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) :is(.scores dd, .scores small) { font-size: 14px; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) .eyebrow { margin-left: auto; }
:is([data-view='matrix'], [data-view='spec'], [data-view='case']) .tabs { margin-top: 14px; }
main { padding: 30px 0 80px; min-height: 70vh; }
.coverage { padding: 0 0 60px; font-size: 14px; }
.coverage summary { cursor: pointer; font-weight: 600; }
.coverage table { margin: 14px 0 0; border-collapse: collapse; }
.coverage th, .coverage td { padding: 3px 14px 3px 0; text-align: right; }
.coverage th:first-child, .coverage td:first-child { text-align: left; }
`;

/** The whole style sheet. */
export function styleSheet(): string {
  const fonts = [
    `--sans: -apple-system, BlinkMacSystemFont, 'Segoe UI', Inter, Roboto, 'Helvetica Neue', Arial, system-ui, sans-serif;`,
    `--serif: 'Iowan Old Style', Charter, 'Source Serif 4', 'Palatino Linotype', Palatino, Georgia, 'Liberation Serif', serif;`,
    `--mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace;`,
  ].join(' ');
  return `:root { ${properties(LIGHT)} ${fonts} }
@media screen and (prefers-color-scheme: dark) { :root { ${properties(DARK)} } }
${BASE}${VIEW_STYLE}`;
}
