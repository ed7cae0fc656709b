/**
 * Reads `run.ndjson` back, whatever state it is in.
 *
 * Tolerant on purpose: a run that died leaves a log without footer and with a cut last line, and its reports are the ones
 * people need most. Everything odd is named in `problems`, nothing throws, and every planned verdict that is missing
 * becomes `not-run`. What a verdict means is `law.ts`; fields of the wrong type are `shape.ts`.
 */
import { honestStatus, isOwed, STATUSES } from './law.ts';
import { readFooter, readHeader, readVerdict } from './shape.ts';
import type { CaseVerdict, PlannedCase, RunFooter, RunHeader, RunLog } from './model.ts';
import { visible } from './text.ts';

/** The newest log format this reader knows. */
const FORMAT = 1;

type Draft = {
  header: RunHeader | undefined;
  footer: RunFooter | undefined;
  readonly started: Set<string>;
  readonly verdicts: Map<string, CaseVerdict>;
  readonly problems: string[];
};

/**
 * Reads a whole log.
 *
 * @param text - The file's content, one JSON object a line.
 * @returns The log, complete as planned, and one sentence for each thing that was wrong with it. Never throws.
 */
export function readLog(text: string): { log: RunLog; problems: string[] } {
  const draft: Draft = { header: undefined, footer: undefined, started: new Set(), verdicts: new Map(), problems: [] };
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const event = parseLine(line);
    if (event === undefined) {
      const what = index === lines.length - 1 ? 'is cut off' : 'is not a JSON object';
      draft.problems.push(`line ${index + 1} ${what} and was left out: ${quote(line)}`);
    } else take(draft, event, index + 1);
  }
  return finish(draft);
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  return `"${visible(text.length > 60 ? `${text.slice(0, 60)}...` : text)}"`;
}

function take(draft: Draft, event: Record<string, unknown>, line: number): void {
  const { problems } = draft;
  switch (event.kind) {
    case 'header':
      if (draft.header !== undefined)
        problems.push(`line ${line} is a second header and was left out: a log holds one run`);
      else {
        draft.header = readHeader(event, line, problems);
        if (event.format !== FORMAT)
          problems.push(
            `the log's format is ${quote(String(event.format))}, this reader knows ${FORMAT}: use the tool's version that wrote it`,
          );
      }
      return;
    case 'start':
      draft.started.add(key(String(event.case), String(event.target)));
      return;
    case 'verdict': {
      const verdict = readVerdict(event, line, problems);
      if (verdict !== undefined) takeVerdict(draft, verdict, line);
      return;
    }
    case 'footer':
      if (draft.footer !== undefined) problems.push(`line ${line} is a second footer: the first one holds`);
      else draft.footer = readFooter(event, line, problems);
      return;
    default:
      problems.push(`line ${line} is of an unknown kind ${quote(String(event.kind))} and was left out`);
  }
}

function takeVerdict(draft: Draft, verdict: CaseVerdict, line: number): void {
  const id = key(verdict.case, verdict.target);
  const name = visible(id);
  const honest = honestStatus(verdict);
  if (honest !== verdict.status)
    draft.problems.push(
      `line ${line}: ${name} says ${verdict.status} for the outcome ${verdict.outcome}; it counts as ${honest}`,
    );
  const shown = honest === verdict.status ? verdict : { ...verdict, status: honest };
  const earlier = draft.verdicts.get(id);
  if (earlier !== undefined)
    draft.problems.push(`line ${line}: ${name} has a second verdict; the worse of the two counts`);
  if (earlier === undefined || worse(shown, earlier)) draft.verdicts.set(id, shown);
}

function worse(a: CaseVerdict, b: CaseVerdict): boolean {
  return STATUSES.indexOf(a.status) < STATUSES.indexOf(b.status);
}

function key(caseId: string, target: string): string {
  return `${caseId} on ${target}`;
}

function finish(draft: Draft): { log: RunLog; problems: string[] } {
  const { problems, verdicts, footer } = draft;
  if (draft.header === undefined)
    problems.push('the log has no header: what was planned is unknown, so nothing can be called conformant');
  const header = draft.header ?? readHeader({}, 0, []);
  const planned = [...header.planned, ...unplanned(header, verdicts, problems)];
  const complete = planned.map((plan) => verdicts.get(key(plan.case, plan.target)) ?? missing(plan, draft, header));
  const targets = [...new Set([...header.targets, ...planned.map((plan) => plan.target)])];
  checkClauses(header, planned, problems);
  const owed = complete.filter(isOwed).length;
  if (footer === undefined)
    problems.push(`the log has no footer: the run died; ${owed} of ${complete.length} verdicts are missing`);
  else checkCounts(footer, complete, problems);
  // Without a header nobody knows what is missing: such a log is never complete.
  const end = draft.header === undefined ? undefined : footer;
  return { log: { header: { ...header, planned, targets }, verdicts: complete, footer: end, problems }, problems };
}

/** Verdicts nobody planned are shown all the same: hiding one could hide a failure. */
function unplanned(header: RunHeader, verdicts: Map<string, CaseVerdict>, problems: string[]): PlannedCase[] {
  const known = new Set(header.planned.map((plan) => key(plan.case, plan.target)));
  const extra = [...verdicts].filter(([id]) => !known.has(id));
  if (extra.length > 0 && header.planned.length > 0)
    problems.push(
      `${extra.length} verdicts were never planned, the first is ${visible(extra[0]![0])}; they are shown and counted`,
    );
  return extra.map(([, verdict]) => ({
    case: verdict.case,
    target: verdict.target,
    title: header.planned.find((plan) => plan.case === verdict.case)?.title ?? '(title unknown: not in the plan)',
    area: verdict.case.split('-')[0] ?? '',
    kind: 'example',
    clauses: verdict.failure?.clause === undefined ? [] : [verdict.failure.clause],
    level: 'MUST',
  }));
}

function missing(plan: PlannedCase, draft: Draft, header: RunHeader): CaseVerdict {
  const begun = draft.started.has(key(plan.case, plan.target));
  const end = draft.footer === undefined ? 'the run died' : 'the run ended';
  return {
    kind: 'verdict',
    case: plan.case,
    target: plan.target,
    outcome: 'not-run',
    expectation: { kind: 'none' },
    status: 'hollow',
    seed: header.seed,
    runs: 0,
    wallMillis: 0,
    reason: begun ? `${end} while this case was running` : `${end} before this case began`,
    repro: header.command,
  };
}

function checkClauses(header: RunHeader, planned: readonly PlannedCase[], problems: string[]): void {
  const known = new Set(header.clauses.map((clause) => clause.id));
  const lost = [...new Set(planned.flatMap((plan) => plan.clauses))].filter((id) => !known.has(id));
  if (lost.length > 0)
    problems.push(`cases cite clauses that the log does not list: ${visible(lost.slice(0, 5).join(', '))}`);
}

function checkCounts(footer: RunFooter, verdicts: readonly CaseVerdict[], problems: string[]): void {
  for (const status of STATUSES) {
    const counted = verdicts.filter((verdict) => verdict.status === status).length;
    const said = footer.counts[status];
    if (said !== counted)
      problems.push(`the footer counts ${said} ${status} verdicts, the log holds ${counted}; the log holds good`);
  }
}
