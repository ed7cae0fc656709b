/** What a client does when it is pushed out. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { RapidPassiveEngine } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

const NOTICES = {
  beingPushedOut: MessageType.BeingPushedOutNotify,
  beingKickedOut: MessageType.BeingKickedOutNotify,
} as const;

export const client: readonly AnyScenario[] = [
  scenario({
    id: 'REL-9JBY',
    title: 'a client that is put out closes, tells it, stays away, and can log on again',
    clauses: ['REL-004', 'REL-005', 'REL-012'],
    kind: 'property',
    needs: ['logon', 'relogon', 'reconnect'],
    runs: 10,
    plan: () =>
      fc.record({
        how: fc.constantFrom('beingPushedOut' as const, 'beingKickedOut' as const),
        times: fc.integer({ min: 1, max: 2 }),
        waitSecs: fc.integer({ min: 3, max: 30 }),
      }),
    async run(stage, { how, times, waitSecs }) {
      const raw = await stage.rawServer();
      const alice = await stage.client('alice');
      for (let time = 1; time <= times; time++) {
        const seen = alice.events.length;
        const logons = await Promise.all([raw.acceptLogon({ clause: 'REL-012' }), alice.logon(raw)]);
        stage.equal(await alice.connected(), true, 'REL-012', 'not connected after the logon');
        const [{ connection }] = logons;
        connection.send({ messageType: NOTICES[how], destId: 'alice' });
        const clause = how === 'beingPushedOut' ? 'REL-004' : 'BAS-003';
        await alice.waitFor(how, { from: seen, clause });
        stage.equal(await alice.connected(), false, clause, 'the client that was put out calls itself connected');
        await connection.expectClosed({ clause });
        await stage.rejects(alice.send(null, 1, null), 'E_DISCONNECTED', clause, 'a call was not refused');
        await stage.sleep(waitSecs);
        stage.equal(raw.connections.length, time, 'REL-005', 'the client that was put out connected again');
        const kinds = alice.events.slice(seen).map((event) => event.kind);
        stage.equal(kinds, [how], 'REL-005', 'other events were raised');
      }
    },
  }),
  scenario({
    id: 'REL-AKCZ',
    title: 'when the handlers of beingPushedOut run, the client is already disconnected and refuses calls',
    clauses: ['REL-004'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const first = (await stage.loggedOn(server, 'alice')) as EngineSubject;
      const found: unknown[] = [];
      first.engine.basicOutter.beingPushedOut.add(() => {
        found.push(first.engine.connected);
        try {
          found.push(first.engine.customizeOutter.send(1, null));
        } catch (error) {
          found.push((error as { code?: string }).code);
        }
      });
      await stage.loggedOn(server, 'alice');
      await first.waitFor('beingPushedOut', { clause: 'REL-004' });
      stage.equal(found, [false, 'E_DISCONNECTED'], 'REL-004', 'the client was not closed when the handler ran');
    },
  }),
];
