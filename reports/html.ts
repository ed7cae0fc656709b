/**
 * The run as one HTML file that works offline, from a disk, for years: no request, no font, no library.
 *
 * The verdict line is in the markup and readable without a script; everything else is drawn from embedded data when it is looked
 * at. Text from the log enters as escaped markup or as JSON, never as script.
 */
import { coverageHtml } from './coverage-tables.ts';
import { pageJson } from './html/build-page.ts';
import { LIGHT } from './html/palette.ts';
import { clientScript } from './html/script.ts';
import { sprite } from './html/sprite.ts';
import { styleSheet } from './html/style.ts';
import type { RunLog } from './model.ts';
import { pageHead } from './page-head.ts';
import { summarize, type Summary } from './summary.ts';
import { clip, escapeAttribute, formatMillis, html, verdictReason } from './text.ts';

/** Nothing may be loaded from anywhere; what is inline may run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** Failures listed for readers without a script. */
const PLAIN_MAX = 200;

/** The whole file, ending with a line feed. */
export function renderHtml(log: RunLog): string {
  const summary = summarize(log);
  const { implementation } = log.header;
  const title = `${summary.verdict.headline}: ${implementation.name} ${implementation.version}`;
  return `${pageHead({ title, policy: POLICY, icon: favicon(summary), style: styleSheet() })}
<body>
${sprite()}
<div class="wrap">
${masthead(log, summary)}
<nav class="tabs" id="tabs" aria-label="Views">
<a href="#/" data-view="overview">Overview</a><a href="#/matrix" data-view="matrix">Matrix</a><a href="#/spec" data-view="spec">Spec</a>
</nav>
<main id="view" tabindex="-1">
<noscript>${withoutScript(summary)}</noscript>
</main>
${coverageHtml(log)}
</div>
<script type="application/json" id="data">${pageJson(log, summary)}</script>
<script>${clientScript()}</script>
</body>
</html>
`;
}

function favicon({ verdict }: Summary): string {
  const colour = LIGHT[verdict.status] ?? '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/></svg>`;
  return escapeAttribute(`data:image/svg+xml,${encodeURIComponent(svg)}`);
}

function masthead(log: RunLog, summary: Summary): string {
  const { header, footer } = log;
  const { verdict } = summary;
  const { implementation } = header;
  const problems = log.problems ?? [];
  return `<header class="mast">
<p class="eyebrow"><b>${html(`${implementation.name} ${implementation.version}`)}</b><span> (${html(implementation.language)}) judged by ${html(`${header.tool} ${header.version}`)}</span></p>
<h1 class="s-${verdict.status}"><svg class="icon" aria-hidden="true" viewBox="0 0 16 16"><use href="#i-${verdict.kind === 'incomplete' ? 'owed' : verdict.status}"/></svg>${html(verdict.headline)}</h1>
<p class="detail">${html(verdict.detail)}</p>
<dl class="scores">${scores(summary)}</dl>
<div class="command" id="command"><code>${html(header.command)}</code></div>
<dl class="about">${facts([
    ['Spec', clip(header.spec, 16)],
    ['Seed', String(header.seed)],
    ['Digest', footer?.digest],
    ['Duration', footer === undefined ? undefined : formatMillis(footer.wallMillis)],
    ['Started', header.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Node', header.node],
    ['Shard', header.shard],
  ])}</dl>
${problems.length === 0 ? '' : `<ul class="problems" aria-label="Problems of the log">${problems.map((problem) => `<li>${html(clip(problem, 400))}</li>`).join('')}</ul>`}
</header>`;
}

function scores({ levels, counts, owed }: Summary): string {
  const level = (['MUST', 'SHOULD', 'MAY'] as const)
    .filter((name) => levels[name].total > 0)
    .map((name) => {
      const { held, asked, testable } = levels[name];
      // The bar is honest about what was not asked: it is full only when every testable clause holds.
      const share = testable === 0 ? 0 : Math.floor((held / testable) * 1000) / 10;
      const rest = asked < testable ? `<small class="rest">of ${testable} testable</small>` : '';
      const meter = `<span class="meter" aria-hidden="true"><i style="width:${share}%"></i></span>`;
      return `<div><dt>${name}</dt><dd>${held}<small> / ${asked}</small>${meter}${rest}</dd></div>`;
    });
  const extra: readonly (readonly [string, number, string])[] = [
    ['EXCEPTIONS', counts.grey, 'grey'],
    ['FAULTS', counts.purple, 'purple'],
    ['NOT RUN', owed, 'hollow'],
  ];
  const shown = extra.filter(([, count]) => count > 0);
  return [
    ...level,
    ...shown.map(([name, count, status]) => `<div><dt>${name}</dt><dd class="s-${status}">${count}</dd></div>`),
  ].join('');
}

function facts(rows: readonly (readonly [string, string | undefined])[]): string {
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${html(value ?? '')}</dd></div>`)
    .join('');
}

/** Failures in plain markup: what matters most has to be readable everywhere. */
function withoutScript(summary: Summary): string {
  const found = summary.judgements.filter(({ status }) => status === 'red' || status === 'purple').slice(0, PLAIN_MAX);
  const rows = found.map(({ plan, verdict }) => {
    const reason = clip(verdictReason(verdict) ?? verdict.outcome, 400);
    return `<li><b>${html(plan.case)}</b> ${html(clip(plan.title, 200))} (${html(plan.target)}): ${html(reason)}<br><code>${html(verdict.repro)}</code></li>`;
  });
  return `<p>Matrix, spec and case pages need JavaScript.</p><ul>${rows.join('')}</ul>`;
}
