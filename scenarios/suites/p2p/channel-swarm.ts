/** The law of ways under chance: channels open and die while everybody talks to everybody, over a bad network. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { DirectSwitchboard } from '../../attach/direct-switchboard.ts';
import { controllerOf } from './pairs.ts';

const USERS = ['alice', 'bob', 'carol', 'dave'];

type Step =
  | { readonly kind: 'send' | 'certainly' | 'blob' | 'query'; readonly from: number; readonly to: number }
  | { readonly kind: 'link' | 'kill' | 'silence'; readonly from: number; readonly to: number }
  | { readonly kind: 'pause'; readonly millis: number };

const pair = { from: fc.nat(3), to: fc.nat(3) };
const talk = fc.record({ kind: fc.constantFrom('send', 'send', 'send', 'certainly', 'blob', 'query'), ...pair });
const fault = fc.record({ kind: fc.constantFrom('link', 'link', 'kill', 'silence'), ...pair });
const pause = fc.record({ kind: fc.constant('pause' as const), millis: fc.integer({ min: 1, max: 80 }) });

const plan = fc.record({
  users: fc.integer({ min: 2, max: 4 }),
  delayMillis: fc.constantFrom(1, 5, 30),
  lossPerMille: fc.constantFrom(0, 0, 20),
  protocols: fc.constantFrom(['tcp'] as const, ['udp'] as const, ['tcp', 'udp'] as const),
  steps: fc.array(
    fc.oneof({ weight: 6, arbitrary: talk }, { weight: 2, arbitrary: fault }, { weight: 2, arbitrary: pause }),
    { minLength: 20, maxLength: 60 },
  ),
});

export const channelSwarm: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-1S1A',
    title: 'whatever channels open and die, everything comes once and in order, and what was acknowledged has come',
    clauses: ['P2P-050', 'P2P-053', 'P2P-051'],
    kind: 'property',
    clients: 'reference',
    plan: () => plan,
    runs: 30,
    async run(stage, { users, steps, protocols, ...conditions }) {
      const server = await stage.server();
      const board = new DirectSwitchboard();
      board.protocols = protocols;
      const clients: ClientSubject[] = [];
      for (const userID of USERS.slice(0, users)) {
        const client = await stage.loggedOn(server, userID, { direct: board, heartBeatSpanInSecs: 2 });
        clients.push(client);
        stage.net.conditions(client.host, conditions);
      }
      const sent = new Map<string, number[]>();
      const waiting: Promise<unknown>[] = [];
      let count = 100;
      const act = async (step: Step): Promise<void> => {
        if (step.kind === 'pause') {
          await stage.sleep(step.millis / 1000);
          return;
        }
        const from = clients[step.from % users]!;
        const to = clients[(step.from + 1 + (step.to % (users - 1))) % users]!;
        if (step.kind === 'link') controllerOf(from).p2pConnectAsyn(to.userID);
        else if (step.kind === 'kill') board.kill(from.userID, to.userID);
        else if (step.kind === 'silence') board.silence(from.userID, to.userID);
        else if (step.kind === 'query') waiting.push(from.query(to.userID, 1, stage.payload()));
        else if (step.kind === 'blob') waiting.push(from.sendBlob(to.userID, 50, stage.payload(20_000), 1500));
        else {
          const type = ++count;
          const key = `${from.userID} ${to.userID}`;
          sent.set(key, [...(sent.get(key) ?? []), type]);
          if (step.kind === 'send') await from.send(to.userID, type, stage.payload());
          else waiting.push(from.sendCertainly(to.userID, type, stage.payload()));
        }
      };
      for (const step of steps) await act(step);
      // Sentinels: behind all that went before, whatever its way; silent channels are found out by their heartbeat.
      for (const from of clients) {
        for (const to of clients) if (from !== to) waiting.push(from.sendCertainly(to.userID, 99, stage.payload()));
      }
      await Promise.all(waiting);
      for (const to of clients) {
        for (const from of clients) {
          const wanted = sent.get(`${from.userID} ${to.userID}`) ?? [];
          stage.equal(gotFrom(to, from), wanted, 'P2P-050', `what ${to.userID} got from ${from.userID}`);
        }
      }
    },
  }),
];

/** Types of the plain information that one client got from another, in order. */
function gotFrom(client: ClientSubject, from: ClientSubject): number[] {
  return client.events.flatMap((event) =>
    event.kind === 'information' && event.source === from.userID && event.informationType > 100
      ? [event.informationType]
      : [],
  );
}
