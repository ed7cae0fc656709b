/** The sending side of sendMessage, seen by a bare peer. */
import * as fc from 'fast-check';
import type { RapidPassiveEngine } from '../../../impl/index.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { SeenMessage } from '../../attach/raw-peer.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

const LARGE_BYTES = 600_000;

const anyType = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anyTag = fc.option(fc.string({ maxLength: 12, unit: 'grapheme' }));

function fragmentOf(message: SeenMessage): ContractOf<'BlobFragmentContract'> | undefined {
  const body = codecs.BlobFragmentContract.decode(message.body);
  return body.ok ? body.value : undefined;
}

function tagged(bytes: Uint8Array | null | undefined): unknown {
  const body = codecs.BlobAndTagContract.decode(bytes ?? new Uint8Array(0));
  return body.ok ? body.value : body.error;
}

export const sendingMessages: readonly AnyScenario[] = [
  scenario({
    id: 'ENG-EQ23',
    title: 'sendMessage is one message of type 107 with blob id -1, its content message and tag',
    clauses: ['ENG-001'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    plan: () =>
      fc.record({
        target: fc.constantFrom(null, 'bob', 'alice'),
        informationType: anyType,
        message: fc.option(fc.uint8Array({ maxLength: 60 })),
        tag: anyTag,
      }),
    async run(stage, { target, informationType, message, tag }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      await alice.sendMessage(target, informationType, message, tag);
      const seen = await connection.expect(MessageType.BlobByRapidEngine, { clause: 'ENG-001' });
      const isFor = target === null ? ['', '_0'].includes(seen.destId) : seen.destId === target;
      stage.check(isFor && seen.sourceId === 'alice', 'ENG-001', `from "${seen.sourceId}" to "${seen.destId}"`);
      const { Fragment, ...rest } = fragmentOf(seen)!;
      const expected = { BlobID: -1, FragmentIndex: 0, InformationType: informationType, IsLast: true };
      stage.equal(rest, expected, 'ENG-001', 'another fragment');
      stage.equal(tagged(Fragment), { Message: message, Tag: tag }, 'ENG-001', 'another content');
    },
  }),
  scenario({
    id: 'ENG-FR34',
    title: 'with a fragmentSize the encoded message goes as a blob of type 107 in fragments of that size',
    clauses: ['ENG-015'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    plan: () =>
      fc.array(
        fc.record({
          target: fc.constantFrom(null, 'bob'),
          informationType: anyType,
          message: fc.option(fc.uint8Array({ maxLength: 60 })),
          tag: anyTag,
          fragmentSize: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 8, max: 90 })),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    async run(stage, messages) {
      const { alice, connection } = await aliceAtRawServer(stage);
      for (const [index, { target, informationType, message, tag, fragmentSize }] of messages.entries()) {
        const from = connection.received.length;
        await alice.sendMessage(target, informationType, message, tag, fragmentSize);
        const isLast = (seen: SeenMessage): boolean => fragmentOf(seen)?.IsLast === true;
        await connection.expect(MessageType.BlobByRapidEngine, { clause: 'ENG-015', from, match: isLast });
        const seen = connection.received.slice(from).filter((each) => each.messageType >= 100);
        const fragments = seen.map((each) => ({ type: each.messageType, ...fragmentOf(each)! }));
        const length = codecs.BlobAndTagContract.encode({ Message: message, Tag: tag }).length;
        const count = Math.ceil(length / fragmentSize);
        const heads = fragments.map(({ Fragment, ...rest }) => ({ ...rest, size: Fragment?.length }));
        const expected = Array.from({ length: count }, (_, at) => ({
          type: MessageType.BlobByRapidEngine,
          BlobID: index + 1,
          FragmentIndex: at,
          InformationType: informationType,
          IsLast: at === count - 1,
          size: at === count - 1 ? length - at * fragmentSize : fragmentSize,
        }));
        stage.equal(heads, expected, 'ENG-015', 'the message was cut otherwise');
        const whole = Uint8Array.from(fragments.flatMap(({ Fragment }) => [...(Fragment ?? [])]));
        stage.equal(tagged(whole), { Message: message, Tag: tag }, 'ENG-015', 'another content');
      }
    },
  }),
  scenario({
    id: 'ENG-GS45',
    title: 'a fragmentSize below 1, or too large for a message, is refused and nothing is sent',
    clauses: ['ENG-015'],
    kind: 'property',
    needs: ['logon', 'sendMessage'],
    runs: 10,
    plan: () =>
      fc.record({
        fragmentSize: fc.oneof(fc.constantFrom(0, -1, -(2 ** 31)), fc.integer({ min: 1001 - 57, max: 2 ** 31 - 1 })),
      }),
    async run(stage, { fragmentSize }) {
      const { alice, connection } = await aliceAtRawServer(stage, { maxLengthOfMessage: 1000 });
      const refused = alice.sendMessage('bob', 1, stage.payload(), 'tag', fragmentSize);
      await stage.rejects(refused, 'E_ARGUMENT', 'ENG-015', `the fragmentSize ${fragmentSize} was taken`);
      // A header of 36 and a fragment's 21 bytes leave this much.
      await alice.sendMessage('bob', 2, stage.payload(), 'tag', 1000 - 57);
      await connection.expect(MessageType.BlobByRapidEngine, { clause: 'ENG-015' });
      const count = connection.received.filter(({ messageType }) => messageType >= 100).length;
      stage.equal(count, 1, 'ENG-015', 'something of a refused message was sent');
    },
  }),
  scenario({
    id: 'ENG-HT56',
    title: 'the server sends messages to its users in the same form, and discards those for anybody else',
    clauses: ['ENG-001', 'ENG-002', 'ENG-015'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        target: fc.constantFrom('alice', 'nobody', 'Alice'),
        fragmentSize: fc.constantFrom(undefined, 5, 100),
        tag: anyTag,
      }),
    async run(stage, { target, fragmentSize, tag }) {
      const server = await stage.server();
      const peer = await stage.rawClient(server, { userID: 'alice' });
      await peer.logon('alice');
      const before = server.events.length;
      const results: unknown[] = [];
      const message = stage.payload(10);
      const done = (succeed: boolean, handlerTag: unknown): number => results.push([succeed, handlerTag]);
      await server.engine.sendMessage(target, 7, message, tag, fragmentSize, done, 'mark');
      await server.engine.sendMessage('alice', 8, null, 'sentinel');
      const isSentinel = (seen: SeenMessage): boolean => fragmentOf(seen)?.InformationType === 8;
      await peer.expect(MessageType.BlobByRapidEngine, { clause: 'ENG-001', match: isSentinel });
      const seen = peer.received.filter((each) => each.messageType >= 100 && !isSentinel(each));
      stage.equal(server.events.length, before, 'ENG-002', 'an event was raised for a discarded message');
      stage.equal(results, [[true, 'mark']], 'ENG-002', 'the handler was called otherwise');
      if (target !== 'alice') {
        stage.equal(seen.length, 0, 'ENG-002', 'a message for somebody else came');
        return;
      }
      const whole = Uint8Array.from(seen.flatMap((each) => [...(fragmentOf(each)!.Fragment ?? [])]));
      stage.equal(tagged(whole), { Message: message, Tag: tag }, 'ENG-001', 'another content');
      const ids = new Set(seen.map((each) => fragmentOf(each)!.BlobID));
      stage.equal([...ids], [fragmentSize === undefined ? -1 : 1], 'ENG-015', 'another blob id');
    },
  }),
  scenario({
    id: 'ENG-JV67',
    title: 'the handler of a message is called once, when the last fragment has left or the connection has ended',
    clauses: ['ENG-017'],
    kind: 'property',
    clients: 'reference',
    runs: 8,
    plan: () =>
      fc.record({
        fragmentSize: fc.constantFrom(undefined, 50_000, 700_000),
        end: fc.constantFrom('read', 'reset', 'close'),
      }),
    async run(stage, { fragmentSize, end }) {
      const { alice, connection } = await aliceAtRawServer(stage, { heartBeatSpanInSecs: 0, autoReconnect: false });
      const { engine } = alice as EngineSubject;
      const calls: unknown[] = [];
      const done = (succeed: boolean, handlerTag: unknown): number => calls.push([succeed, handlerTag]);
      engine.sendMessage('bob', 1, stage.payload(), null, fragmentSize, done, 'small').catch(() => undefined);
      await stage.until(() => calls.length > 0, 5, 'the handler was not called', 'ENG-017');
      connection.pause();
      for (let count = 0; count < 60 && !engine.channelIsBusy; count++) {
        await alice.send(null, 3, stage.payload(LARGE_BYTES));
        await stage.sleep(0.01);
      }
      engine
        .sendMessage('bob', 1, stage.payload(LARGE_BYTES), null, fragmentSize, done, 'large')
        .catch(() => undefined);
      await stage.sleep(0.2);
      stage.equal(calls, [[true, 'small']], 'ENG-017', 'the handler did not wait for the transport');
      if (end === 'read') connection.resume();
      else if (end === 'reset') connection.abort();
      else await alice.close();
      await stage.until(() => calls.length > 1, 60, 'the handler was not called at the end', 'ENG-017');
      await stage.sleep(0.2);
      // While a reset is on its way, real sockets may take all that is left: then both is true.
      const succeeded = (calls[1] as [boolean, unknown])[0];
      if (end !== 'reset') stage.equal(succeeded, end === 'read', 'ENG-017', 'the handler was told otherwise');
      stage.equal(calls.slice(1), [[succeeded, 'large']], 'ENG-017', 'the handler was called otherwise');
    },
  }),
];
