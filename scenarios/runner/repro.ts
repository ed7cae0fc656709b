/** The command that repeats exactly one verdict. Pure. */
import type { CaseResult } from './execute.ts';
import type { Job } from './jobs.ts';

/** `npx esf run --case ID --target sim --seed N`, with the path of a shrunk plan where there is one; or the file it came from. */
export function reproCommand(job: Job, result?: Pick<CaseResult, 'failure'>): string {
  const { options } = job;
  if (options.replay !== undefined) return `npx esf run --repro ${options.replay.file}`;
  const path = result?.failure?.path ?? options.path;
  const words = ['npx esf run', `--case ${job.case}`, `--target ${job.target}`, `--seed ${options.seed}`];
  if (path !== undefined) words.push(`--path ${path}`);
  else if (options.runs !== undefined) words.push(`--runs ${options.runs}`);
  return words.join(' ');
}
