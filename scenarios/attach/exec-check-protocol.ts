/** Checks of the adapter's side of the protocol that need no server: hello, replies, lines. Run by `exec-check.ts`. */
import { describeReply, type JsonObject, type Reply } from './exec-adapter.ts';
import { CHECK_OP_SECS, defineCheck, type Check, type CheckContext } from './exec-check.ts';
import { probeVerb } from './exec-pool.ts';
import { shippedAdapterSchema } from './exec-schema.ts';

const GOOD_HELLO: JsonObject = {
  protocol: 1,
  implementation: { name: 'x', version: '1', language: 'x' },
  features: ['logon'],
  maxConcurrency: 1,
};
const BIG_LINE_BYTES = 8 * 1024 * 1024;
const BURST_COUNT = 200;

/** The problem of one member of hello, the others taken as good. */
function helloProblem({ hello }: CheckContext, member: string): Promise<string | undefined> {
  const value = { ...GOOD_HELLO, [member]: hello[member] };
  if (hello[member] === undefined) return Promise.resolve(`member "${member}" is missing`);
  return Promise.resolve(shippedAdapterSchema().problem('ok.hello', value));
}

function expectKind(reply: Reply, kind: Reply['kind']): string | undefined {
  return reply.kind === kind ? undefined : `it was answered with ${describeReply(reply)}`;
}

async function probe(
  { adapter }: CheckContext,
  args: JsonObject = {},
  budgetSecs: number = CHECK_OP_SECS,
): Promise<string | undefined> {
  return expectKind(await adapter.ask(probeVerb(0x4a17), args, budgetSecs), 'unsupported');
}

/** Writes a line that is no request, and wants a fault without id, and the adapter still there. */
async function strayLine(context: CheckContext, line: string): Promise<string | undefined> {
  const before = context.strayFaults.length;
  context.adapter.writeRaw(line);
  const alive = await probe(context);
  if (alive !== undefined) return `afterwards a request went wrong: ${alive}`;
  if (await context.until(() => context.strayFaults.length > before)) return undefined;
  return `nothing answered the line ${line.slice(0, 40)}`;
}

export const PROTOCOL_CHECKS: readonly Check[] = [
  defineCheck({
    title: 'The adapter starts and answers hello',
    section: '3.1',
    fix: 'Write one line {"id":1,"ok":{...}} for the first request, flush it, and print nothing else on standard output.',
    run: () => Promise.resolve(undefined),
  }),
  defineCheck({
    title: 'hello names protocol 1',
    section: '3.1',
    fix: 'Answer hello with "protocol":1, a number.',
    run: async (context) => {
      const { protocol } = context.hello;
      if (protocol === 1) return undefined;
      return (await helloProblem(context, 'protocol')) ?? `it says ${JSON.stringify(protocol)}`;
    },
  }),
  defineCheck({
    title: 'hello names the implementation, its version and language',
    section: '3.1',
    fix: 'Answer hello with "implementation":{"name":"...","version":"...","language":"..."}, all non-empty strings.',
    run: (context) => helloProblem(context, 'implementation'),
  }),
  defineCheck({
    title: 'hello declares known features, each once',
    section: '3.1',
    fix: 'List in "features" only names of the table in section 3.1, without repetition; check the spelling.',
    run: (context) => helloProblem(context, 'features'),
  }),
  defineCheck({
    title: 'hello says how many copies may run at once',
    section: '3.1',
    fix: 'Answer hello with "maxConcurrency": an integer from 1 to 64; 1 is always safe.',
    run: (context) => helloProblem(context, 'maxConcurrency'),
  }),
  defineCheck({
    title: 'A verb that does not exist is unsupported',
    section: '2',
    fix: 'Answer {"id":..., "unsupported":{"reason":"unknown verb"}} to every verb you do not know; never ok.',
    run: (context) => probe(context),
  }),
  defineCheck({
    title: 'Members it does not know are ignored',
    section: '2',
    fix: 'Take the members you need from a request and ignore the rest.',
    run: (context) => probe(context, { 'x-later': { any: [1, null, 'thing'] } }),
  }),
  defineCheck({
    title: 'An unknown instance is a fault',
    section: '3.10',
    fix: 'Look the instance up first, and answer {"id":..., "fault":{"message":"no such instance"}} when it is not there.',
    run: async ({ adapter }) =>
      expectKind(await adapter.ask('close', { inst: 'never-opened' }, CHECK_OP_SECS), 'fault'),
  }),
  defineCheck({
    title: 'A request without its arguments is a fault',
    section: '2',
    fix: 'Answer {"id":..., "fault":{...}} when a member is missing or of the wrong type; wrap the verbs in one catch-all.',
    run: async ({ adapter }) => expectKind(await adapter.ask('open', {}, CHECK_OP_SECS), 'fault'),
  }),
  defineCheck({
    title: 'A line that is not JSON is a fault, and the adapter goes on',
    section: '2',
    fix: 'Catch the parser\'s error, write {"id":null,"fault":{"message":"not JSON"}}, and read the next line.',
    run: (context) => strayLine(context, 'this is not {JSON'),
  }),
  defineCheck({
    title: 'JSON that is no request is a fault, and the adapter goes on',
    section: '2',
    fix: 'Check that a line is an object with a number "id"; otherwise write {"id":null,"fault":{...}} and go on.',
    run: (context) => strayLine(context, '[1,2,3]'),
  }),
  defineCheck({
    title: 'Empty lines are ignored',
    section: '2',
    fix: 'Skip lines without characters before parsing.',
    run: async (context) => {
      const before = context.strayFaults.length;
      context.adapter.writeRaw('\n');
      const problem = await probe(context);
      return problem ?? (context.strayFaults.length > before ? 'an empty line was answered with a fault' : undefined);
    },
  }),
  defineCheck({
    title: `A line of ${BIG_LINE_BYTES / 1024 / 1024} MiB is read`,
    section: '1.3',
    fix: 'Raise the limit of your line reader to 16 MiB (Python asyncio: limit=, Go: Scanner.Buffer, Java: plain BufferedReader).',
    run: (context) => probe(context, { pad: 'a'.repeat(BIG_LINE_BYTES) }, 2 * CHECK_OP_SECS),
  }),
  defineCheck({
    title: `${BURST_COUNT} requests at once get ${BURST_COUNT} replies`,
    section: '2',
    fix: 'Write every reply whole, under a lock, with the id of its own request.',
    run: async (context) => {
      const problems = await Promise.all(Array.from({ length: BURST_COUNT }, () => probe(context)));
      return problems.find((problem) => problem !== undefined);
    },
  }),
];
