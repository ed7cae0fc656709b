/** The result of fuzzing for people: each finding with its bytes taken apart, and one line that says how it went. */
import { contracts } from '../../spec/grammar/index.ts';
import { annotate, formatAnnotations, walkBody, type Annotation } from '../../impl/wire/index.ts';
import type { FoundFinding, FuzzResult } from './fuzz.ts';
import { bodyTarget, type FuzzInput } from './model.ts';

/** Lines of one dump. */
const DUMP_LINES_MAX = 40;

/** The whole result, without a line feed at the end. */
export function renderText(result: FuzzResult): string {
  return [...result.findings.flatMap((finding) => [findingText(finding, result), '']), summaryLine(result)].join('\n');
}

/** The command that leads to this finding again. */
export function reproOf(finding: FoundFinding, { seed, target }: Pick<FuzzResult, 'seed' | 'target'>): string {
  return `npx esf fuzz --seed ${seed} --target ${target} --runs ${finding.run}`;
}

/** The bytes taken apart, field by field. */
export function dumpOf(input: FuzzInput): string {
  const text = input.kind === 'stream' ? annotate(input.bytes, input.limits) : bodyDump(input.bytes, input.target);
  const lines = text.trimEnd().split('\n');
  const hidden = lines.length - DUMP_LINES_MAX;
  return hidden <= 0
    ? lines.join('\n')
    : [...lines.slice(0, DUMP_LINES_MAX), `        ... ${hidden} lines more`].join('\n');
}

function findingText(finding: FoundFinding, result: FuzzResult): string {
  const { input, signature, message, run } = finding;
  const what =
    input.kind === 'body'
      ? `body ${input.target}`
      : `stream from a ${input.isFromServer ? 'server' : 'client'}, N = ${input.limits.userIdBytesMax}, limit ${input.limits.messageBytesMax}, chunks ${input.chunkBytes.join(', ')}`;
  return [
    `${signature}: ${message}`,
    `  input ${run}, minimised to ${input.bytes.length} bytes: ${what}`,
    `  hex   ${Buffer.from(input.bytes).toString('hex')}`,
    `  repro ${reproOf(finding, result)}`,
    ...dumpOf(input)
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
}

function bodyDump(bytes: Uint8Array, target: string): string {
  const list: Annotation[] = [{ offset: 0, length: 0, depth: 0, label: target, value: `${bytes.length} bytes` }];
  let end = 0;
  const error = walkBody(bodyTarget(target).type, contracts, bytes, ({ path, what, offset, length, value, depth }) => {
    end = offset + length;
    list.push({ offset, length, depth, label: path === '' ? what : `${path}: ${what}`, value });
  });
  if (error !== undefined) {
    const problem = `${error.code} (${error.clause}): ${error.detail}`;
    list.push({ offset: end, length: bytes.length - end, depth: 1, label: 'not decoded', value: '', problem });
  }
  return formatAnnotations(bytes, list);
}

function summaryLine({
  seed,
  target,
  runs,
  decodes,
  examined,
  outcomes,
  seconds,
  digest,
  findings,
}: FuzzResult): string {
  const rate = seconds > 0 ? Math.round(decodes / seconds) : decodes;
  const number = (value: number): string => value.toLocaleString('en');
  const found =
    findings.length === 0 ? 'no finding' : findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  return `seed ${seed}, target ${target}: ${number(runs)} inputs, ${number(decodes)} decodes (${number(rate)} a second), ${number(examined)} compared with the second decoder, ${number(outcomes)} kinds of outcome, digest ${digest}: ${found}`;
}
