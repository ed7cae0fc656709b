/** A failure that a campaign found as the text of an issue, in Markdown, ready to be pasted. Pure; all foreign text is escaped. */
import type { CampaignFailure } from './campaign-model.ts';
import type { Step } from './model.ts';
import { clip, escapeMarkdown, fence, plural } from './text.ts';

const MESSAGE_MAX = 600;

/** One failure as an issue, ready to be pasted. */
export function renderIssue(failure: CampaignFailure): string {
  const { signature, clause, message, kind, first, last, count, command, repro, shrinks, steps } = failure;
  const plan = planOf(repro);
  return [
    `# ${escapeMarkdown(failure.case)}: ${escapeMarkdown(clip(message, 120))}`,
    `**${escapeMarkdown(failure.case)}**: ${escapeMarkdown(failure.title)}.`,
    `It ends as *${escapeMarkdown(kind)}*: ${escapeMarkdown(clip(message, MESSAGE_MAX))}`,
    ...(clause === undefined
      ? []
      : [`> ${escapeMarkdown(clause.id)} (${clause.level}): ${escapeMarkdown(clause.text)}`]),
    '## Repeat it',
    ...(repro === undefined
      ? ['On the build named below:', fence(command, 'sh')]
      : [
          `Save the last block as \`${signature}.json\`, then:`,
          fence(`npx esf run --repro ${signature}.json`, 'sh'),
          'Or, on the build named below, as it was found:',
          fence(command, 'sh'),
        ]),
    '## Seen',
    [
      `- ${plural(count, 'time')}, signature ${signature}, ${failure.status}`,
      `- first ${first.at} on commit ${first.commit}, build ${first.build}, seed ${first.seed}`,
      `- last ${last.at} on commit ${last.commit}, build ${last.build}, seed ${last.seed}`,
      ...(failure.fixedOn === undefined ? [] : [`- its replay passes on commit ${failure.fixedOn}`]),
    ].join('\n'),
    ...(plan === undefined
      ? []
      : [`## Plan, after ${plural(shrinks, 'shrinking')}, without what it leaves off`, fence(plan, 'text')]),
    ...(steps.length === 0 ? [] : [`## Last ${steps.length} events`, fence(steps.map(stepLine).join('\n'), 'text')]),
    ...(repro === undefined ? [] : [`## ${signature}.json`, fence(JSON.stringify(repro), 'json')]),
    '',
  ].join('\n\n');
}

/** The plan without what it leaves off, which in a swarm is most of it; the file has all. */
function planOf(repro: unknown): string | undefined {
  const choices = (repro as { readonly choices?: unknown } | undefined)?.choices;
  if (choices === undefined) return undefined;
  return JSON.stringify(choices, (_key, value: unknown) => value ?? undefined, 2);
}

function stepLine({ atMicros, from, to, label, mark }: Step): string {
  const sign = mark === undefined ? ' ' : mark === 'bad' ? '!' : '#';
  const who = to === undefined ? from : `${from} -> ${to}`;
  return `${sign} ${(atMicros / 1e6).toFixed(6).padStart(12)} s  ${who}: ${label}`;
}
