/**
 * The report of a campaign as one HTML file that works offline and needs no script: headline, figures, tables, coverage, and
 * each open failure with its command. The style is that of the other reports.
 */
import type { CampaignFailure, CampaignReport } from './campaign-model.ts';
import { campaignTables, headline, speedText } from './campaign-text.ts';
import type { CampaignTable } from './campaign-text.ts';
import { coverageDetails } from './coverage-tables.ts';
import { styleSheet } from './html/style.ts';
import { pageHead } from './page-head.ts';
import { clip, formatMillis, html } from './text.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE = `
.campaign table { margin: 14px 0 34px; border-collapse: collapse; font-size: 13.5px; }
.campaign th, .campaign td { padding: 4px 16px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.campaign th { color: var(--soft); font-weight: 500; white-space: nowrap; }
.campaign .found { margin: 0 0 28px; }
.campaign .scroll { overflow-x: auto; overflow-wrap: normal; }`;

const COLOUR = { clean: 'green', failures: 'red', blind: 'purple', incomplete: 'yellow' } as const;

/** The whole file, ending with a line feed. */
export function renderCampaignHtml(report: CampaignReport): string {
  const open = report.failures.filter(({ status }) => status === 'open');
  return `${pageHead({ title: headline(report), policy: POLICY, style: `${styleSheet()}${STYLE}` })}
<body>
<div class="wrap campaign">
<header class="mast">
<p class="eyebrow"><b>Campaign ${html(report.session)}</b> on commit ${html(report.commit)}, build ${html(report.build)}</p>
<h1 class="s-${COLOUR[report.verdict]}">${html(headline(report))}</h1>
<p class="detail">${html(speedText(report))}</p>
<div class="command"><code>${html(report.command)}</code></div>
<dl class="about">${facts(report)}</dl>
${report.problems.length === 0 ? '' : `<ul class="problems">${report.problems.map((problem) => `<li>${html(problem)}</li>`).join('')}</ul>`}
</header>
<main>
${open.map(found).join('')}
${campaignTables(report).map(table).join('')}
${coverageDetails(report.coverage)}
</main>
</div>
</body>
</html>
`;
}

function facts({ startedAt, startSeed, shard, workers, elapsedMillis, node, version }: CampaignReport): string {
  const rows = [
    ['Started', startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Duration', formatMillis(elapsedMillis)],
    ['Start seed', String(startSeed)],
    ['Shard', shard],
    ['Workers', String(workers)],
    ['Node', node],
    ['Version', version],
  ] as const;
  return rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${html(value)}</dd></div>`).join('');
}

function found({ signature, case: id, title, clause, message, command }: CampaignFailure): string {
  const blamed = clause === undefined ? '' : `<p class="sentence">${html(clause.id)}: ${html(clause.text)}</p>`;
  return `<section class="found"><h2>${html(signature)} ${html(id)}: ${html(clip(title, 200))}</h2>
<p>${html(clip(message, 600))}</p>${blamed}<div class="command"><code>${html(command)}</code></div></section>`;
}

function table({ title, head, rows }: CampaignTable): string {
  const cells = (name: 'td' | 'th', values: readonly (string | number)[]): string =>
    values.map((value) => `<${name}>${html(clip(String(value), 600))}</${name}>`).join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('');
  return `<h2>${html(title)}</h2><div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${body}</tbody></table></div>`;
}
