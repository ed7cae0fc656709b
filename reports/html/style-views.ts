/**
 * Style of the four views, of small screens and of paper.
 */

export const VIEW_STYLE = `
.overview { display: grid; grid-template-columns: minmax(0, 1.35fr) minmax(300px, 1fr); gap: 20px 64px; align-items: start; }
.overview.calm { grid-template-columns: minmax(0, 1fr); }
.calm .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 40px 72px; align-items: start; }
.calm .chart.chart { margin: 0; }
.group + .group { margin-top: 38px; }
.group .hint { font-size: 14px; margin-bottom: 8px; }
.list li { border-top: 1px solid var(--line); }
.list a { display: block; padding: 11px 0 12px; color: inherit; text-decoration: none; }
.list a:hover .title { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.list .first { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13.5px; align-items: baseline; }
.list .target { color: var(--soft); }
.list .title, .list .reason { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.list .title { margin-top: 2px; font-weight: 550; }
.list .reason { color: var(--soft); font-size: 14px; }
.chart + .chart { margin-top: 40px; }
.chart table { width: 100%; border-collapse: collapse; margin-top: 10px; font-size: 13.5px; }
.chart th { text-align: left; font-weight: 400; white-space: nowrap; padding: 4px 14px 4px 0; width: 1%; }
.chart th a { text-decoration: none; }
.chart th a:hover { text-decoration: underline; }
.chart .target { color: var(--soft); }
.chart td { padding: 4px 0; }
.chart .bar svg { display: block; }
.chart .value { width: 1%; white-space: nowrap; padding-left: 14px; text-align: left; color: var(--soft); }
.chart .value .mark { margin-left: 8px; gap: 0.2em; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 12.5px; margin-top: 10px; }

.filters { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; margin-bottom: 14px; }
.filters input, .filters select { height: 34px; border: 1px solid var(--strong); border-radius: 6px; background: var(--paper); padding: 0 10px; }
.filters input { flex: 1 1 240px; min-width: 0; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { height: 34px; display: inline-flex; align-items: center; gap: 7px; padding: 0 11px; border: 1px solid var(--line); border-radius: 17px; background: none; font-size: 13.5px; }
.chip:hover { border-color: var(--soft); }
.chip[aria-pressed='true'] { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); background: var(--sheet); }

.matrix { width: 100%; border-collapse: collapse; font-size: 14.5px; margin-top: 8px; }
.matrix thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); text-align: left; font-weight: 400; font-size: 13px; color: var(--soft); padding: 10px 0 8px; box-shadow: inset 0 -1px var(--strong); }
.matrix th, .matrix td { text-align: left; font-weight: 400; vertical-align: baseline; padding: 8px 0; border-bottom: 1px solid var(--line); }
.matrix .cell { width: 118px; padding-left: 18px; font-size: 13.5px; }
.matrix thead .cell { font-family: var(--mono); font-size: 12.5px; }
.matrix button { border: 0; background: none; padding: 0; text-align: left; display: inline-flex; align-items: baseline; gap: 6px; }
.matrix .area th, .matrix .area td { padding: 20px 0 7px; border-bottom-color: var(--strong); }
.matrix .area .cell { padding-left: 18px; }
.matrix .area .name { font-weight: 650; font-size: 16px; }
.matrix .area .chapter { color: var(--soft); }
.matrix button > .icon, .matrix .lead > .icon { color: var(--soft); width: 14px; height: 14px; align-self: center; }
.tally { font-weight: 600; }
.matrix .clause th { padding-right: 10px; }
.matrix .pair, .matrix .case th a { align-items: baseline; }
.matrix .pair { display: grid; grid-template-columns: 150px minmax(0, 1fr); gap: 0 14px; }
.matrix .lead { display: inline-flex; align-items: baseline; gap: 6px; font-family: var(--mono); font-size: 13px; white-space: nowrap; }
.matrix .case th { padding: 7px 10px 7px 20px; }
.matrix .case th a { display: grid; grid-template-columns: 130px minmax(0, 1fr); gap: 0 14px; color: inherit; text-decoration: none; }
.matrix .case .id { color: var(--link); }
.matrix .case .title { color: var(--soft); font-size: 13.5px; }
.matrix .case td a { text-decoration: none; }
.matrix .case a:hover .title, .matrix .case td a:hover { text-decoration: underline; }
.matrix .case th, .matrix .case td { border-bottom-style: dotted; background: color-mix(in srgb, var(--sheet) 60%, transparent); }
.scroll { overflow: auto; max-height: 85vh; }

/* beside the text, where it does not disturb reading */
.spec .columns { display: grid; grid-template-columns: minmax(0, 860px) minmax(180px, 1fr); gap: 0 48px; align-items: start; }
.contents { position: sticky; top: 24px; font-size: 13.5px; padding-top: 40px; }
.contents li { display: flex; gap: 12px; justify-content: space-between; align-items: baseline; padding: 3px 0; }
.contents button { border: 0; background: none; padding: 0; text-align: left; color: var(--soft); }
.contents button:hover { color: var(--ink); text-decoration: underline; }
.contents .mark { font-size: 12.5px; gap: 0.25em; }
.prose h2 { scroll-margin-top: 12px; }
.prose h2 { margin: 34px 0 6px 148px; font-size: 20px; font-family: var(--serif); font-weight: 600; }
.entry { display: grid; grid-template-columns: 120px minmax(0, 1fr); gap: 0 28px; padding: 9px 0; }
.entry .margin { font-size: 13px; padding-top: 3px; text-align: right; justify-self: end; }
.entry .sentence { font-size: 17px; }
.entry .origin { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12.5px; color: var(--soft); margin-top: 1px; align-items: baseline; }
.m-broken .sentence { text-decoration: underline; text-decoration-color: var(--bar-red); text-decoration-thickness: 2px; text-underline-offset: 4px; text-decoration-skip-ink: auto; }

.crumbs { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13.5px; color: var(--soft); align-items: baseline; }
.crumbs .beside { margin-left: auto; display: flex; gap: 18px; font-family: var(--mono); font-size: 12.5px; }
.case-page h2 { font-size: clamp(21px, 3vw, 27px); line-height: 1.25; letter-spacing: -0.012em; margin: 16px 0 14px; max-width: 32em; text-wrap: balance; }
.targets { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 24px; }
.targets a { display: inline-flex; gap: 10px; align-items: baseline; border: 1px solid var(--line); border-radius: 6px; padding: 4px 12px; text-decoration: none; font-size: 14px; }
.targets a .target { color: var(--soft); }
.targets a[aria-current] { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.quotes.quotes { margin: 0 0 28px; }
.quotes { border-left: 2px solid var(--strong); padding-left: 22px; max-width: 780px; }
.quote .sentence { font-size: 20px; line-height: 1.45; }
.quote.also { margin-top: 12px; }
.quote.also .sentence { font-size: 15.5px; color: var(--soft); }
.quote figcaption { display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 12.5px; color: var(--soft); margin-top: 3px; align-items: baseline; }
.case-page > section, .case-page > details { margin-top: 28px; }
.case-page .about { margin-top: 10px; }
.verdict-reason { font-size: 16.5px; font-weight: 600; }
.versus { display: grid; grid-template-columns: 1fr 1fr; gap: 16px 32px; margin-top: 16px; }
.versus > div { border-top: 2px solid var(--strong); padding-top: 8px; }
.versus > div:last-child { border-top-color: var(--bar-red); }
.versus dt { font-size: 13px; font-weight: 650; color: var(--soft); }
.versus dd { font-size: 16px; }
.hex { padding-left: 0; padding-right: 0; }
.hex > * { display: block; white-space: pre; width: max-content; min-width: 100%; padding: 0 16px; }
.hex mark { background: var(--mark-tint); color: inherit; box-shadow: inset 3px 0 var(--bar-yellow); }
/* said last, and only when something is missing */
.trimmed { margin-top: 28px; font-size: 14px; }
summary { cursor: pointer; font-size: 13.5px; color: var(--soft); padding: 4px 0; }
.plain { border-collapse: collapse; font-size: 13px; width: 100%; margin-top: 6px; }
.plain th { text-align: left; color: var(--soft); font-weight: 400; }
.plain th, .plain td { padding: 4px 18px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.plain .bad td { color: var(--red); font-weight: 600; }
/* figures: what cases measured */
.figures { margin-top: 44px; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 40px 56px; align-items: start; }
.drawn { margin: 0 0 24px; min-width: 0; }
.drawn figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline; margin-bottom: 10px; font-size: 13px; }
.heat { border-collapse: separate; border-spacing: 2px; font-size: 12.5px; }
.heat th { font-weight: 400; color: var(--soft); padding: 2px 6px; text-align: left; white-space: nowrap; }
.heat thead th { text-align: center; }
.heat td { min-width: 46px; height: 30px; padding: 2px 6px; text-align: center; border-radius: 3px; white-space: nowrap; }
.heat .tone-good { background: color-mix(in srgb, var(--bar-green) 42%, var(--paper)); }
.heat .tone-fair { background: color-mix(in srgb, var(--bar-yellow) 42%, var(--paper)); }
.heat .tone-poor { background: color-mix(in srgb, var(--bar-grey) 42%, var(--paper)); }
.heat .tone-bad { background: var(--red-tint); color: var(--red); font-weight: 650; box-shadow: inset 0 0 0 2px var(--bar-red); }
.heat .tone-none { background: var(--sheet); color: var(--soft); }
.plot { display: block; width: 100%; height: auto; font-family: var(--sans); font-size: 11.5px; fill: var(--soft); }
.plot .grid { stroke: var(--line); }
.line { fill: none; stroke-width: 2; }
.line-0 { stroke: var(--bar-green); } .line-1 { stroke: var(--bar-time); } .line-2 { stroke: var(--bar-yellow); }
.line-3 { stroke: var(--bar-purple); } .line-4 { stroke: var(--bar-red); } .line-5 { stroke: var(--bar-grey); }
.dot { fill: var(--paper); stroke-width: 1.5; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.diagram { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: 6px; }
.sequence { display: block; margin: 0 auto; font-family: var(--sans); font-size: 12px; fill: var(--ink); }
.sequence text { stroke: none; }
.sequence .time { fill: var(--soft); font-size: 11px; }
.lane line { stroke: var(--line); stroke-width: 1.5; }
.lane rect { fill: var(--sheet); stroke: var(--strong); }
.lane text { font-weight: 600; }
.arrow .line { stroke: var(--soft); stroke-width: 1.3; fill: none; }
.arrow .head { fill: var(--soft); }
.arrow text, .note text { paint-order: stroke; }
.arrow text { stroke: var(--paper); stroke-width: 4px; }
.arrow.bad .row { fill: var(--red-tint); }
.arrow.bad .line { stroke: var(--red); stroke-width: 2; } .arrow.bad .head { fill: var(--red); }
.arrow.bad text { fill: var(--red); font-weight: 650; stroke: var(--red-tint); }
.note rect { fill: var(--paper); stroke: var(--strong); stroke-dasharray: 3 3; }
.note.bad rect { fill: var(--red-tint); stroke: var(--red); } .note.bad text { fill: var(--red); }
.band.fault rect { fill: var(--yellow-tint); } .band.fault text { fill: var(--yellow); font-weight: 600; }
.band.gap rect { fill: none; } .band.gap text, .band.cut text { fill: var(--soft); font-style: italic; }
.band.cut rect { fill: var(--sheet); }

@media (max-width: 860px) {
  .overview { grid-template-columns: minmax(0, 1fr); }
  .spec .columns { grid-template-columns: minmax(0, 1fr); }
  .contents { display: none; }
  .matrix .pair, .matrix .case th a { grid-template-columns: minmax(0, 1fr); }
  .entry { grid-template-columns: minmax(0, 1fr); }
  .entry .margin { justify-self: start; }
  .prose h2 { margin-left: 0; }
}
@media (max-width: 560px) {
  .wrap { padding: 0 16px; }
  .mast { padding-top: 24px; }
  .versus { grid-template-columns: minmax(0, 1fr); }
  .scores { gap: 16px 28px; }
  .tabs { gap: 20px; }
  .matrix .cell { width: 62px; padding-left: 10px; font-size: 11px; line-height: 1.25; }
  .matrix .area .cell { padding-left: 10px; }
  .matrix .cell .mark { flex-direction: column; align-items: flex-start; gap: 1px; white-space: normal; }
  .matrix .cell .icon { width: 15px; height: 15px; }
  .matrix thead .cell { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 62px; font-size: 11px; padding-right: 2px; }
  .matrix .clause td, .matrix .case td { vertical-align: top; }
  .mast .eyebrow.eyebrow { margin-left: 0; }
  .matrix .area .chapter { display: none; }
  .matrix .case th { padding-left: 12px; }
}
@media print {
  body { font-size: 11pt; }
  .wrap { max-width: none; padding: 0; }
  .tabs, .filters, .copy, .crumbs, .targets a:not([aria-current]) { display: none !important; }
  .mast { padding: 0; }
  pre, .diagram, .scroll { max-height: none; overflow: visible; white-space: pre-wrap; }
  .sequence { max-width: 100%; height: auto; }
  .matrix thead th { position: static; }
  tr, .list li, .entry, .quote, section > h3 { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
