/** Logons of one user that overlap, because verifying or the handlers of events take their time. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import type { VerifyAnswer } from '../../attach/server-subject.ts';

const { ReqLogonContract, ResLogonContract, PingContract } = codecs;

type Logon = { readonly ok: boolean; readonly order: number };

/** What each logon has to be answered, when they are decided one after the other in this order. */
function expectedResults(logons: readonly Logon[], decided: readonly number[], mode: string): number[] {
  const results: number[] = [];
  let isOnline = false;
  for (const index of decided) {
    const { ok } = logons[index]!;
    if (!ok) results[index] = 1;
    else results[index] = isOnline && mode === 'IgnoreNew' ? 2 : 0;
    isOnline ||= ok;
  }
  return results;
}

export const overlapping: readonly AnyScenario[] = [
  scenario({
    id: 'REL-8HAX',
    title: 'overlapping logons of one user end as if they had come in the order of their verdicts',
    clauses: ['REL-009', 'REL-001', 'REL-008'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom('ReplaceOld' as const, 'IgnoreNew' as const),
        handlerMillis: fc.constantFrom(0, 700, 700),
        logons: fc.array(
          fc.record({ ok: fc.constantFrom(true, true, true, true, false), order: fc.nat({ max: 99 }) }),
          {
            minLength: 2,
            maxLength: 8,
            size: 'max',
          },
        ),
      }),
    async run(stage, { mode, handlerMillis, logons }) {
      const verdicts = new Map<string | null, (answer: VerifyAnswer) => void>();
      const server = await stage.server({
        relogonMode: mode,
        eventHandlerMillis: handlerMillis,
        verifyUser: (_token, _userID, password) => new Promise((resolve) => verdicts.set(password, resolve)),
      });
      const peers: RawClient[] = [];
      for (const index of logons.keys()) {
        const peer = await stage.rawClient(server, { userID: 'alice' });
        const claim = { AuthorizedUser: 'FreeUser', SystemToken: null, Version: 6, Password: `p${index}` };
        peer.send({ messageType: MessageType.Logon, messageId: 50 + index, body: ReqLogonContract.encode(claim) });
        peers.push(peer);
      }
      await stage.until(() => verdicts.size === logons.length, 20, 'not every logon was verified', 'REL-009');
      const decided = [...logons.keys()].sort((a, b) => logons[a]!.order - logons[b]!.order);
      for (const index of decided) verdicts.get(`p${index}`)?.({ ok: logons[index]!.ok });
      const results: (number | undefined)[] = [];
      for (const peer of peers) {
        const answer = await peer.expect(MessageType.Logon, { clause: 'REL-009' });
        const body = ResLogonContract.decode(answer.body);
        results.push(body.ok ? body.value.LogonResult : undefined);
      }
      const expected = expectedResults(logons, decided, mode);
      stage.equal(results, expected, 'REL-009', 'the logons were not decided in the order of their verdicts');
      const accepted = decided.filter((index) => expected[index] === 0);
      const last = accepted.at(-1);
      for (const [index, peer] of peers.entries()) {
        if (index !== last) await peer.expectClosed({ clause: 'REL-001' });
      }
      const comings = server.events.filter((event) => event.kind === 'someOneConnected').length;
      stage.equal(comings, accepted.length, 'REL-009', 'SomeOneConnected was raised another number of times');
      if (last === undefined) return;
      peers[last]!.send({ messageType: MessageType.PingByServer, body: PingContract.encode({ SendTicks: 1 }) });
      await peers[last]!.expect(MessageType.PingAck, { clause: 'REL-009' });
      stage.equal(server.engine.connectionCount, 1, 'REL-001', 'the user has another number of connections');
    },
  }),
];
