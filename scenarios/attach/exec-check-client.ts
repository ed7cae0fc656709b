/** Checks of the adapter with a live reference server: instances, bytes, events, the built-in handler. Run by `exec-check.ts`. */
import { describeReply, type JsonObject } from './exec-adapter.ts';
import { CHECK_OP_SECS, defineCheck, type Check, type CheckContext, type CheckInstance } from './exec-check.ts';
import { REFUSAL } from './exec-check-server.ts';
import { QUERY_RULES, THROWING_INFORMATION_TYPE } from './client-subject.ts';

/** Bytes whose hex has every digit, letters included. */
const EVERY_DIGIT = new Uint8Array([0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xff]);
/** A port nobody listens on; binding it takes rights that servers of tests do not have. */
const CLOSED_PORT = 1;

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'));

function ask(
  context: CheckContext,
  verb: string,
  instance: CheckInstance,
  args: JsonObject = {},
): ReturnType<CheckContext['adapter']['ask']> {
  return context.adapter.ask(verb, { inst: instance.inst, ...args }, CHECK_OP_SECS);
}

function logonTo(context: CheckContext, instance: CheckInstance, args: JsonObject): ReturnType<typeof ask> {
  const { address, port } = context.server;
  return ask(context, 'logon', instance, { address, port, userID: instance.userID, password: 'secret', ...args });
}

function sendArgs(informationType: number, info: Uint8Array | null, target: string | null = null): JsonObject {
  return { target, informationType, info: hex(info), post: false, actionOnChannelIsBusy: 'Continue', byServer: false };
}

/** Sends to the server and says what is wrong with what arrived there. */
async function sendToServer(
  context: CheckContext,
  from: CheckInstance,
  informationType: number,
  info: Uint8Array | null,
): Promise<string | undefined> {
  const { arrived } = context.server;
  const start = arrived.length;
  const reply = await ask(context, 'send', from, sendArgs(informationType, info));
  if (reply.kind !== 'ok') return `send was answered with ${describeReply(reply)}`;
  const found = (): (typeof arrived)[number] | undefined =>
    arrived.slice(start).find((each) => each.source === from.userID && each.informationType === informationType);
  if (!(await context.until(() => found() !== undefined))) return 'nothing arrived at the server';
  const actual = hex(found()!.info);
  return actual === hex(info) ? undefined : `${JSON.stringify(hex(info))} was sent, ${JSON.stringify(actual)} arrived`;
}

/** Sends from the server and says what is wrong with the event. */
async function sendToClient(
  context: CheckContext,
  to: CheckInstance,
  informationType: number,
  info: Uint8Array | null,
): Promise<string | undefined> {
  context.server.engine.customizeController.send(to.userID, informationType, info);
  const found = (): JsonObject | undefined =>
    to.events.find((event) => event.ev === 'information' && event.informationType === informationType);
  if (!(await context.until(() => found() !== undefined))) return 'no event "information" came';
  const event = found()!;
  if (event.source !== null) return `its "source" is ${JSON.stringify(event.source)}; the server is null`;
  return event.info === hex(info)
    ? undefined
    : `${JSON.stringify(hex(info))} was sent, the event has ${JSON.stringify(event.info)}`;
}

/** Asks the client from the server and says what is wrong with the answer. */
async function askClient(
  context: CheckContext,
  to: CheckInstance,
  rule: number,
  info: Uint8Array | null,
  expected: string | null,
): Promise<string | undefined> {
  const answer = await context.server.engine.customizeController
    .queryLocalClient(to.userID, rule, info)
    .then(hex, (error: unknown) => (error instanceof Error ? `error: ${error.message}` : String(error)));
  if (answer !== expected)
    return `query type ${rule} with ${JSON.stringify(hex(info))} was answered ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`;
  const found = (): JsonObject | undefined =>
    to.events.find((each) => each.ev === 'query' && each.informationType === rule);
  // The answer came over the network and the event comes over a pipe: written first, it may still be read later.
  if (!(await context.until(() => found() !== undefined))) return `no event "query" of type ${rule} came`;
  const { info: told } = found()!;
  return told === hex(info)
    ? undefined
    : `the event "query" has ${JSON.stringify(told)} instead of ${JSON.stringify(hex(info))}`;
}

export const CLIENT_CHECKS: readonly Check[] = [
  defineCheck({
    title: 'An instance opens, is not connected, and closes',
    section: '3.2',
    fix: 'open makes a client without connecting; connected answers {"connected":false} before the logon; close answers {}.',
    needs: ['logon'],
    run: async (context) => {
      const instance = await context.open();
      const before = await ask(context, 'connected', instance);
      if (before.kind !== 'ok' || before.value.connected !== false)
        return `connected was answered with ${describeReply(before)}`;
      const closed = await ask(context, 'close', instance);
      return closed.kind === 'ok' ? undefined : `close was answered with ${describeReply(closed)}`;
    },
  }),
  defineCheck({
    title: 'close twice is ok, anything else on a closed instance is E_CLOSED',
    section: '3.10',
    fix: 'Remember closed instances until reset: close answers ok again, other verbs {"failed":{"code":"E_CLOSED",...}}.',
    needs: ['send'],
    run: async (context) => {
      const instance = await context.open();
      await ask(context, 'close', instance);
      const again = await ask(context, 'close', instance);
      if (again.kind !== 'ok') return `the second close was answered with ${describeReply(again)}`;
      const send = await ask(context, 'send', instance, sendArgs(1, null));
      return send.kind === 'failed' && send.code === 'E_CLOSED'
        ? undefined
        : `send was answered with ${describeReply(send)}`;
    },
  }),
  defineCheck({
    title: 'A logon where nobody listens fails with E_CONNECT',
    section: '3.3',
    fix: 'Map your library\'s connect error to {"failed":{"code":"E_CONNECT","message":"..."}}.',
    needs: ['logon'],
    run: async (context) => {
      const instance = await context.open();
      const reply = await logonTo(context, instance, { port: CLOSED_PORT });
      return reply.kind === 'failed' && reply.code === 'E_CONNECT'
        ? undefined
        : `it was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: "A refused logon is ok with Failed and the server's own words",
    section: '3.3',
    fix: 'Answer {"ok":{"logonResult":"Failed","failureCause":...}} with the text unchanged; read and write UTF-8.',
    needs: ['logon'],
    run: async (context) => {
      const reply = await logonTo(context, await context.open(), { userID: 'no1' });
      if (reply.kind !== 'ok') return `it was answered with ${describeReply(reply)}`;
      if (reply.value.logonResult !== 'Failed') return `logonResult is ${JSON.stringify(reply.value.logonResult)}`;
      if (reply.value.failureCause === REFUSAL) return undefined;
      return `failureCause is ${JSON.stringify(reply.value.failureCause)}, the server said ${JSON.stringify(REFUSAL)}`;
    },
  }),
  defineCheck({
    title: 'A logon succeeds, and connected is true afterwards',
    section: '3.3',
    fix: 'Connect to the given address and port, log on, answer when the outcome is known; set N and the limits from config.',
    needs: ['logon'],
    run: async (context) => {
      const reply = await ask(context, 'connected', await context.loggedOn());
      return reply.kind === 'ok' && reply.value.connected === true
        ? undefined
        : `connected was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: 'What is sent arrives at the server byte for byte',
    section: '3.4',
    fix: 'Decode "info" from hex to bytes, and hand the library bytes, not text.',
    needs: ['send'],
    run: async (context) => sendToServer(context, await context.loggedOn(), 21, EVERY_DIGIT),
  }),
  defineCheck({
    title: 'Sending keeps null and no bytes apart',
    section: '2',
    fix: 'null in "info" is the library\'s null, "" is an empty array; do not test the text for truth.',
    needs: ['send'],
    run: async (context) => {
      const instance = await context.loggedOn();
      return (
        (await sendToServer(context, instance, 22, null)) ??
        (await sendToServer(context, instance, 23, new Uint8Array(0)))
      );
    },
  }),
  defineCheck({
    title: 'What the server sends is an event, in lowercase hex',
    section: '4',
    fix: 'Write {"ev":"information","inst":...,"source":null,"informationType":...,"info":"..."} when the handler is called.',
    needs: ['send'],
    run: async (context) => sendToClient(context, await context.loggedOn(), 24, EVERY_DIGIT),
  }),
  defineCheck({
    title: 'Events keep null and no bytes apart',
    section: '2',
    fix: 'Write "info":null for the library\'s null and "info":"" for an empty array.',
    needs: ['send'],
    run: async (context) => {
      const instance = await context.loggedOn();
      return (
        (await sendToClient(context, instance, 25, null)) ??
        (await sendToClient(context, instance, 26, new Uint8Array(0)))
      );
    },
  }),
  defineCheck({
    title: 'Two instances in one process reach each other',
    section: '3.2',
    fix: 'Keep one client for each inst, and write its inst in its events; no globals.',
    needs: ['send'],
    run: async (context) => {
      const [from, to] = [await context.loggedOn(), await context.loggedOn()];
      const reply = await ask(context, 'send', from, sendArgs(27, EVERY_DIGIT, to.userID));
      if (reply.kind !== 'ok') return `send was answered with ${describeReply(reply)}`;
      const found = (): JsonObject | undefined => to.events.find((event) => event.informationType === 27);
      if (!(await context.until(() => found() !== undefined)))
        return 'no event "information" came to the other instance';
      return found()!.source === from.userID
        ? undefined
        : `its "source" is ${JSON.stringify(found()!.source)}, not ${from.userID}`;
    },
  }),
  defineCheck({
    title: 'Information of type 6 makes the handler throw, and the client goes on',
    section: '5',
    fix: "Report the event first, then throw inside the library's handler; later information must still come.",
    needs: ['send'],
    run: async (context) => {
      const instance = await context.loggedOn();
      const thrown = await sendToClient(context, instance, THROWING_INFORMATION_TYPE, EVERY_DIGIT);
      return thrown ?? (await sendToClient(context, instance, 28, EVERY_DIGIT));
    },
  }),
  defineCheck({
    title: "A query gives the answer's bytes",
    section: '3.5',
    fix: 'Answer query with {"ok":{"info":"..."}} when the reply came.',
    needs: ['query'],
    run: async (context) => {
      const args = { target: null, informationType: QUERY_RULES.echo, info: hex(EVERY_DIGIT) };
      const reply = await ask(context, 'query', await context.loggedOn(), args);
      return reply.kind === 'ok' && reply.value.info === hex(EVERY_DIGIT)
        ? undefined
        : `it was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: 'A query whose handler throws fails with E_HANDLING',
    section: '3.5',
    fix: 'Map your library\'s HandingException to {"failed":{"code":"E_HANDLING","message":...}}.',
    needs: ['query'],
    run: async (context) => {
      const args = { target: null, informationType: QUERY_RULES.throws, info: null };
      const reply = await ask(context, 'query', await context.loggedOn(), args);
      return reply.kind === 'failed' && reply.code === 'E_HANDLING'
        ? undefined
        : `it was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: 'Queries are answered by the rules: echo, throw, null, reversed after a delay',
    section: '5',
    fix: 'Install the handler of section 5 in every instance; write the event "query" before the answer.',
    needs: ['query'],
    run: async (context) => {
      const instance = await context.loggedOn();
      const thrown = `error: There is an exception occured when ${instance.userID} handing the query of 2.`;
      return (
        (await askClient(context, instance, QUERY_RULES.echo, EVERY_DIGIT, hex(EVERY_DIGIT))) ??
        (await askClient(context, instance, QUERY_RULES.throws, null, thrown)) ??
        (await askClient(context, instance, QUERY_RULES.null, EVERY_DIGIT, null)) ??
        (await askClient(context, instance, QUERY_RULES.delayedReverse, new Uint8Array([30, 0, 7]), '07001e'))
      );
    },
  }),
  defineCheck({
    title: 'A request that waits holds up nothing',
    section: '1.3',
    fix: 'Run every request beside the reading loop: a thread, a task, a goroutine.',
    needs: ['query'],
    run: async (context) => {
      const instance = await context.loggedOn();
      const order: string[] = [];
      const info = hex(new Uint8Array([250, 0]));
      const slow = ask(context, 'query', instance, { target: null, informationType: QUERY_RULES.delayedReverse, info });
      const quick = ask(context, 'connected', instance);
      await Promise.all([slow.then(() => order.push('query')), quick.then(() => order.push('connected'))]);
      return order[0] === 'connected' ? undefined : 'connected was answered only after the query that was waiting';
    },
  }),
  defineCheck({
    title: 'close answers what is pending first, and no event follows it',
    section: '3.10',
    fix: 'On close let pending calls fail (E_CLOSED or E_DISCONNECTED), write their replies, then answer close.',
    needs: ['query'],
    run: async (context) => {
      const instance = await context.loggedOn();
      const order: string[] = [];
      const pending = ask(context, 'query', instance, {
        target: null,
        informationType: QUERY_RULES.silent,
        info: null,
      });
      const closed = ask(context, 'close', instance).then(() => order.push('close'));
      const reply = await pending.then((value) => (order.push('query'), value));
      await closed;
      if (order[0] !== 'query') return 'close was answered before the pending query';
      return reply.kind === 'failed' ? undefined : `the pending query was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: 'sendCertainly is answered when the ACK came',
    section: '3.6',
    fix: "Answer {} when the library's call returned.",
    needs: ['ack'],
    run: async (context) => {
      const args = { target: null, informationType: 29, info: hex(EVERY_DIGIT) };
      const reply = await ask(context, 'sendCertainly', await context.loggedOn(), args);
      return reply.kind === 'ok' ? undefined : `it was answered with ${describeReply(reply)}`;
    },
  }),
  defineCheck({
    title: 'Features that are not declared are unsupported',
    section: '3',
    fix: 'Answer {"unsupported":{...}} to verbs of features that hello did not declare, or declare them.',
    run: async (context) => {
      const declared = new Set(context.hello.features as readonly string[]);
      const args: Readonly<Record<string, JsonObject>> = {
        query: { target: null, informationType: 1, info: null },
        sendBlob: { target: null, informationType: 1, blob: '00', fragmentSize: 1 },
        sendMessage: { target: null, informationType: 1, message: '00', tag: null, fragmentSize: null },
        basic: { request: { verb: 'ping' } },
      };
      const feature: Readonly<Record<string, string>> = { sendBlob: 'blob' };
      const instance = await context.open();
      for (const verb of Object.keys(args).filter((each) => !declared.has(feature[each] ?? each))) {
        const reply = await ask(context, verb, instance, args[verb]);
        if (reply.kind !== 'unsupported') return `${verb} was answered with ${describeReply(reply)}`;
      }
      return undefined;
    },
  }),
  defineCheck({
    title: 'reset closes every instance',
    section: '3.11',
    fix: 'On reset close all clients (their connections end) and forget their names.',
    needs: ['logon'],
    run: async (context) => {
      const users = [await context.loggedOn(), await context.loggedOn()];
      const reply = await context.adapter.ask('reset', {}, CHECK_OP_SECS);
      if (reply.kind !== 'ok') return `it was answered with ${describeReply(reply)}`;
      const { userManager } = context.server.engine;
      const gone = await context.until(() => users.every(({ userID }) => !userManager.isUserOnLine(userID)));
      return gone ? undefined : 'a second later their connections were still there';
    },
  }),
];
