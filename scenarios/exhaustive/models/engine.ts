/**
 * The engine where order matters: calls that cross, acknowledgments, two logons of one user, and the handshake of reliable UDP.
 */
import type { Packet } from '../../../sim/index.ts';
import type { Stage } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { bothOpen, ended, exchange } from '../../suites/rudp/model.ts';
import { stageModel } from '../stage-model.ts';
import type { Begin } from '../stage-model.ts';

/** The packets of a server's main port: what clients do beside it to find each other has orders of its own. */
function atPort(port: number): (packet: Readonly<Packet>) => boolean {
  return (packet) => packet.sourcePort === port || packet.destinationPort === port;
}

/** Two clients that are logged on and quiet; what comes from here on is explored. */
async function twoClients(stage: Stage, begin: Begin): Promise<readonly [ClientSubject, ClientSubject]> {
  const server = await stage.server();
  const clients = [await stage.loggedOn(server, 'alice'), await stage.loggedOn(server, 'bob')] as const;
  await stage.sleep(1);
  begin(atPort(server.port));
  return clients;
}

export const query = stageModel({
  name: 'query',
  title: 'two clients that ask each other at once both get their answers',
  limits: { packetsMax: 6, faultsMax: 1 },
  async body(stage, begin) {
    const [alice, bob] = await twoClients(stage, begin);
    const [one, other] = [stage.payload(), stage.payload()];
    const answers = await Promise.all([
      alice.query('bob', QUERY_RULES.echo, one),
      bob.query('alice', QUERY_RULES.echo, other),
    ]);
    stage.equal(answers, [one, other], 'QRY-001', 'an answer is not the one to its query');
    return 'both answered';
  },
});

export const ack = stageModel({
  name: 'ack',
  title: 'information with acknowledgment resolves after it was delivered, once and in order',
  limits: { packetsMax: 6, faultsMax: 1 },
  async body(stage, begin) {
    const [alice, bob] = await twoClients(stage, begin);
    const sent = [stage.payload(), stage.payload()];
    await Promise.all(sent.map((info) => alice.sendCertainly('bob', 2, info)));
    const got = bob.events.flatMap((event) => (event.kind === 'information' ? [event.info] : []));
    stage.equal(got, sent, 'ACK-001', 'what was acknowledged is not what was delivered');
    return 'both acknowledged';
  },
});

export const relogon = stageModel({
  name: 'relogon',
  title: 'of two clients that log on as one user at once, one is online in the end, and the other was told',
  limits: { packetsMax: 6, faultsMax: 1 },
  async body(stage, begin) {
    const server = await stage.server({ relogonMode: 'ReplaceOld' });
    const rivals = [await stage.client('alice'), await stage.client('alice')];
    begin(atPort(server.port));
    const results = await Promise.all(rivals.map((rival) => rival.logon(server)));
    const isSettled = (): boolean => rivals.filter(wasPushedOut).length === 1;
    await stage.until(isSettled, 60, 'nobody, or everybody, was pushed out', 'REL-004');
    const online = await Promise.all(rivals.map((rival) => rival.connected()));
    stage.equal(
      online,
      rivals.map((rival) => !wasPushedOut(rival)),
      'REL-001',
      'who was not pushed out is not online',
    );
    stage.equal(server.engine.connectionCount, 1, 'REL-001', 'the user has another number of connections');
    const asked = await rivals[online.indexOf(true)]!.query(null, QUERY_RULES.echo, Uint8Array.of(1));
    stage.equal(asked, Uint8Array.of(1), 'REL-001', 'who is online gets no answer');
    return `${results.map(({ logonResult }) => logonResult).join(', ')}; ${online[0] === true ? 'the first' : 'the second'} stays`;
  },
});

export const relogonIgnored = stageModel({
  name: 'relogon-ignored',
  title:
    'where newcomers are refused, one of two clients that log on as one user at once succeeds, and the other hears why',
  limits: { packetsMax: 6, faultsMax: 1 },
  async body(stage, begin) {
    const server = await stage.server({ relogonMode: 'IgnoreNew' });
    const rivals = [await stage.client('alice'), await stage.client('alice')];
    begin(atPort(server.port));
    const results = (await Promise.all(rivals.map((rival) => rival.logon(server)))).map((each) => each.logonResult);
    stage.equal([...results].sort(), ['HadLoggedOn', 'Succeed'], 'REL-006', 'not one of both was let in');
    const winner = rivals[results.indexOf('Succeed')]!;
    const asked = await winner.query(null, QUERY_RULES.echo, Uint8Array.of(1));
    stage.equal(asked, Uint8Array.of(1), 'REL-006', 'who is online gets no answer');
    stage.equal(server.engine.connectionCount, 1, 'REL-006', 'the user has another number of connections');
    return results.join(', ');
  },
});

export const takeover = stageModel({
  name: 'takeover',
  title: 'a client that leaves while the same user logs on elsewhere leaves nothing behind: the new one is online',
  limits: { packetsMax: 6, faultsMax: 1 },
  async body(stage, begin) {
    const server = await stage.server({ relogonMode: 'ReplaceOld' });
    const bob = await stage.loggedOn(server, 'bob');
    const old = await stage.loggedOn(server, 'alice');
    const next = await stage.client('alice');
    await stage.sleep(1);
    begin(atPort(server.port));
    const [result] = await Promise.all([next.logon(server), old.close()]);
    stage.equal(result.logonResult, 'Succeed', 'REL-001', 'the new one was not let in');
    // What is on its way from the old one has come by then.
    await stage.sleep(5);
    stage.equal(await next.connected(), true, 'REL-001', 'the new one is not online any more');
    stage.equal(server.engine.connectionCount, 2, 'REL-001', 'there is another number of connections');
    const asked = await bob.query('alice', QUERY_RULES.echo, Uint8Array.of(1));
    stage.equal(asked, Uint8Array.of(1), 'REL-001', 'the new one is not reached');
    return wasPushedOut(old) ? 'the old one was told' : 'the old one had left';
  },
});

function wasPushedOut({ events }: ClientSubject): boolean {
  return events.some(({ kind }) => kind === 'beingPushedOut');
}

export const rudp = stageModel({
  name: 'rudp',
  title: 'two ends of reliable UDP that open to each other at once come to one connection, which carries both ways',
  limits: { packetsMax: 6, faultsMax: 1, lateMicros: 300_000 },
  async body(stage, begin) {
    const [left, right] = await stage.rudpPair();
    begin();
    left.open({ starts: true });
    right.open({ starts: true });
    await bothOpen(stage, left, right);
    await Promise.all([
      exchange(stage, left, right, [stage.payload()]),
      exchange(stage, right, left, [stage.payload(), stage.payload()]),
    ]);
    left.close();
    await ended(stage, [left, right], ['closed', 'closed'], 'RUD-031');
    return `${left.reason}, ${right.reason}`;
  },
});
