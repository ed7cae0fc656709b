/** Laws of stateful IPv6 firewalls (RFC 6092). */
import { Internet, Lan, World, firewallBehaviour } from '../../../sim/index.ts';
import type { FirewallName, NatBehaviour } from '../../../sim/index.ts';
import { SECOND, Scene, addressOf, exactly } from './scene.ts';
import type { Row } from './scene.ts';

const NAMES: readonly FirewallName[] = ['simple', 'strict', 'linux'];

export function firewallLaws(): Row[] {
  return [...filterLaws(), ...lifeLaws(), ...synLaws(), ...icmpLaws(), ...rangeLaws(), punchingLaw()];
}

/** Who gets in after one datagram went out: the remote socket, another one of that host, another host. */
function filterLaws(): Row[] {
  const expected = { simple: 'it, its host, anybody', strict: 'it, its host', linux: 'it' };
  return NAMES.map((name) => {
    const scene = new Scene({ firewall: name });
    const inner = scene.box(scene.inner, 5_000);
    const probes = [
      { who: 'it', box: scene.box(scene.server, 80) },
      { who: 'its host', box: scene.box(scene.server, 81) },
      { who: 'anybody', box: scene.box(scene.other, 80) },
    ];
    scene.send(inner, addressOf(scene.server, 6), 80);
    const admitted = probes.filter(({ box }) => {
      const before = inner.got.length;
      scene.send(box, addressOf(scene.inner, 6), 5_000);
      return inner.got.length > before;
    });
    const law = `RFC 6092 REC-17: filters that are ${firewallBehaviour(name).filtering} (${name}) let in`;
    return exactly(law, expected[name], admitted.map(({ who }) => who).join(', '));
  });
}

/** Whole seconds of silence after which an answer still gets in: the first that does not, less one. */
function lifeSeconds(firewall: NatBehaviour, candidates: readonly number[], isAnswered: boolean): number | undefined {
  return candidates.findLast((seconds) => {
    const scene = new Scene({ firewall });
    const inner = scene.box(scene.inner, 5_000);
    const server = scene.box(scene.server, 80);
    scene.send(inner, addressOf(scene.server, 6), 80);
    if (isAnswered) scene.send(server, addressOf(scene.inner, 6), 5_000);
    const before = inner.got.length;
    // What is sent takes 20.5 ms to the border.
    scene.wait(seconds * SECOND - 250_000);
    scene.send(server, addressOf(scene.inner, 6), 5_000);
    return inner.got.length > before;
  });
}

function lifeLaws(): Row[] {
  const around = (seconds: number): number[] => [1, seconds - 1, seconds, seconds + 1, 2 * seconds];
  return [
    exactly(
      'RFC 6092 REC-14: UDP lives for so many seconds (simple; at least 120)',
      300,
      lifeSeconds(firewallBehaviour('simple'), around(300), false),
    ),
    exactly(
      'Linux nf_conntrack_udp_timeout: without an answer',
      30,
      lifeSeconds(firewallBehaviour('linux'), around(30), false),
    ),
    exactly(
      'Linux nf_conntrack_udp_timeout_stream: with one',
      120,
      lifeSeconds(firewallBehaviour('linux'), around(120), true),
    ),
    exactly(
      'RFC 6092 REC-35: an established connection lives for so many seconds',
      7_440,
      firewallBehaviour('simple').tcpEstablishedMicros / SECOND,
    ),
  ];
}

function synLaws(): Row[] {
  const rows = NAMES.map((name) => {
    const scene = new Scene({ firewall: name });
    const errors = scene.errorsAt(scene.server);
    const startMicros = scene.world.nowMicros;
    let atSeconds = 0;
    scene.server.interfaces[0]!.addTap(({ protocol }) => {
      if (protocol === 58 && atSeconds === 0) atSeconds = Math.round((scene.world.nowMicros - startMicros) / SECOND);
    });
    dial(scene, true);
    scene.wait(6_500_000);
    const expected = name === 'linux' ? 'nothing' : '1/1 after 6 s';
    const measured = errors.length === 0 ? 'nothing' : `${errors[0]!} after ${atSeconds} s`;
    return exactly(`RFC 6092 REC-34: a SYN nobody asked for gets (${name})`, expected, measured);
  });
  const scene = new Scene({ firewall: 'simple' });
  const [left, right] = [dial(scene, true), dial(scene, false)];
  scene.wait(20 * SECOND);
  const law = 'RFC 6092 REC-31: two ends that dial each other are connected by crossing SYNs';
  return [...rows, exactly(law, ['connected', 'connected'], [left[0], right[0]])];
}

/** From the server to port 4,000 of the home, or from there back. */
function dial(scene: Scene, isInbound: boolean): string[] {
  const events: string[] = [];
  const from = (isInbound ? scene.server : scene.inner).platform();
  const address = addressOf(isInbound ? scene.inner : scene.server, 6);
  const [port, localPort] = isInbound ? [4_000, 4_001] : [4_001, 4_000];
  from.connectTcp(
    { remote: { address, port }, localPort },
    { onConnected: () => events.push('connected'), onData: () => undefined, onClosed: (reason) => events.push(reason) },
  );
  return events;
}

function icmpLaws(): Row[] {
  const scene = new Scene({ firewall: 'linux' });
  const inner = scene.box(scene.inner, 5_000);
  const errors = scene.errorsAt(scene.inner);
  scene.send(inner, addressOf(scene.server, 6), 99);
  const about = errors.length;
  scene.send(inner, '2001:db8:dead::1', 99);
  const [far] = errors.slice(about);
  // The error did not end the session: its server, though late, gets in.
  const late = scene.box(scene.server, 99);
  scene.send(late, addressOf(scene.inner, 6), 5_000);
  return [
    exactly('RFC 6092 REC-18: the error about a session gets in', '1/4', errors[0]),
    exactly('RFC 6092 REC-18: that of a router on the way, too', '1/0', far),
    exactly('RFC 6092 REC-19: an error ends no session', 1, inner.got.length),
  ];
}

function rangeLaws(): Row[] {
  const scene = new Scene({ firewall: 'simple' });
  scene.inner.interfaces[0]!.addAddress('2001:db8:bad::1');
  const inner = scene.box(scene.inner, 5_000);
  const foreign = scene.inner
    .platform()
    .bindUdp({ address: '2001:db8:bad::1', port: 5 }, { onMessage: () => undefined });
  scene.send(inner, 'fd00::1', 9);
  scene.send(inner, 'fe80::1', 9);
  foreign.send(new Uint8Array(1), { address: addressOf(scene.server, 6), port: 9 });
  scene.wait();
  const spoofed = scene.server.platform();
  scene.server.interfaces[0]!.addAddress('2001:db8:1::99');
  const spoof = spoofed.bindUdp({ address: '2001:db8:1::99', port: 9 }, { onMessage: () => undefined });
  scene.wait(1);
  spoof.send(new Uint8Array(1), { address: addressOf(scene.inner, 6), port: 5_000 });
  scene.wait();
  const expected = ['outOfScope', 'outOfScope', 'badSource', 'badSource'];
  return [
    exactly('RFC 6092 REC-5, REC-6, REC-7: private and forged addresses stop at the border', expected, scene.drops),
  ];
}

/** nat.md: two stateful firewalls of IPv6 are two port-restricted NATs that translate nothing. */
function punchingLaw(): Row {
  const cells = NAMES.flatMap((left) => NAMES.map((right) => punch(left, right)));
  const direct = cells.filter((each) => each === 'direct').length;
  return exactly(
    'RFC 5128 section 3.3: hosts behind two such firewalls reach each other by UDP, pairs of 9',
    9,
    direct,
  );
}

function punch(left: FirewallName, right: FirewallName): 'direct' | 'none' {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { prefix6: '2001:db8::/32' });
  const hosts = [left, right].map((firewall, index) => {
    return new Lan(internet, `lan${index}`, { nat: 'linux', ipv6: { firewall } }).host(`host${index}`);
  });
  const got = [0, 0];
  const sockets = hosts.map((host, index) =>
    host.platform().bindUdp({ port: 5_000 }, { onMessage: () => (got[index]! += 1) }),
  );
  world.runUntil(1);
  for (let round = 0; round < 2; round += 1) {
    for (const [index, socket] of sockets.entries()) {
      socket.send(new Uint8Array(1), { address: addressOf(hosts[1 - index]!, 6), port: 5_000 });
    }
    world.runUntil(world.nowMicros + SECOND);
  }
  return got.every((count) => count > 0) ? 'direct' : 'none';
}
