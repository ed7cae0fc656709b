/** Laws about ports that are taken, ports in quarantine, and what opens and closes TCP sessions; and neighbours who steal ports. */
import { natBehaviour } from '../../../sim/index.ts';
import type { NatBehaviour } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';
import { exactly } from './row.ts';
import { TableNat } from './tables.ts';

const SECOND = 1_000_000;
const PEER = 7;

/** `trials` of the Monte Carlo. */
export function ruleLaws(trials: number): FidelityRow[] {
  return [clashes(), contiguous(), quarantine(), klinec(trials)];
}

/** A second inner host wants the port of the first one, which both want to keep. */
function clashes(): FidelityRow {
  const seen = (['next', 'refuse', 'overload', 'override'] as const).map((portClash) => {
    const nat = new TableNat(natBehaviour('portRestricted', { allocation: 'preserving', portClash }), 1, 'nat');
    const first = nat.send(5_000, PEER, 1);
    const second = nat.sendBeside(5_000, PEER, 2);
    const ofFirst = nat.admits(first!, PEER, 1) ? 'first in' : 'first out';
    return `${second === undefined ? 'none' : `+${second - first!}`} ${ofFirst}`;
  });
  return exactly(
    'two hosts want one port; next, refuse, overload, override: the second one’s port, and whether the first one’s peer gets in still',
    'RFC 4787 section 4.2.1',
    '+1 first in, none first in, +0 first in, +0 first out',
    seen.join(', '),
  );
}

/** Two hosts in turn, four ports each. */
function contiguous(): FidelityRow {
  const nat = new TableNat(natBehaviour('fullCone', { allocation: 'contiguous' }), 3, 'nat');
  const own: number[] = [];
  const theirs: number[] = [];
  for (let each = 0; each < 4; each += 1) {
    own.push(nat.send(5_000 + each, PEER, 1)!);
    theirs.push(nat.sendBeside(6_000 + each, PEER, 1)!);
  }
  const steps = (ports: readonly number[]): string =>
    ports
      .slice(1)
      .map((port, index) => port - ports[index]!)
      .join(' ');
  return exactly(
    'contiguous per host: steps from each port to the next, of two hosts in turn',
    'configured',
    '1 1 1, 1 1 1',
    `${steps(own)}, ${steps(theirs)}`,
  );
}

/** Whether a port is given out again at once, 1 s after its end. */
function quarantine(): FidelityRow {
  const isGivenAgain = (changes: Partial<NatBehaviour>): boolean => {
    const one = { portMin: 5_000, portMax: 5_000, portsPerBlock: 1, quarantineMicros: 120 * SECOND };
    const nat = new TableNat(natBehaviour('fullCone', { ...one, udpMappingMicros: 60 * SECOND, ...changes }), 1, 'nat');
    nat.measure(4_000);
    nat.wait(61 * SECOND);
    return nat.send(4_001, 1, 1) !== undefined;
  };
  const cases: readonly Partial<NatBehaviour>[] = [
    {},
    { quarantineExempts: ['tcp'] },
    { quarantineExempts: ['block'], allocation: 'block' },
    { quarantineExempts: ['filtered'] },
    { quarantineExempts: ['filtered'], filtering: 'addressDependent' },
  ];
  return exactly(
    'a UDP port again after 1 s of quarantine: no exception, that of TCP, of blocks, of filters with a full cone, of filters with a restricted one',
    'RFC 6888 REQ-8 A, B, C',
    'no, no, yes, no, yes',
    cases.map((changes) => (isGivenAgain(changes) ? 'yes' : 'no')).join(', '),
  );
}

const SEQUENTIAL = natBehaviour('symmetricSequential', { portMin: 10_000, portMax: 60_000 });
const WINDOW = 16;
/** Between measurement and punch. */
const GAP_MICROS = 10_000;
const THEFTS_PER_SECOND = 35;

/** Both sides sequential with neighbours who steal 35 ports a second; one guesses by 1, the other by 2. */
function klinec(trials: number): FidelityRow {
  const behaviour = { ...SEQUENTIAL, crossTrafficMicros: Math.round(SECOND / THEFTS_PER_SECOND) };
  let met = 0;
  for (let seed = 1; seed <= trials; seed += 1) {
    const nats = [new TableNat(behaviour, seed, 'a'), new TableNat(behaviour, seed, 'b')] as const;
    const measured = nats.map((nat) => nat.measure(4_000));
    for (const nat of nats) nat.wait(GAP_MICROS);
    const sent = nats.map((nat, side) =>
      Array.from({ length: WINDOW }, (_unused, index) => {
        const to = measured[1 - side]! + (side === 0 ? index + 1 : 2 * index + 1);
        return [nat.send(4_000, 1 - side, to)!, to] as const;
      }),
    );
    if (sent[0]!.some(([from, to]) => nats[1].admits(to, 0, from) && nats[0].admits(from, 1, to))) met += 1;
  }
  return exactly(
    `both sides predict ${WINDOW} ports 10 ms after measuring, ${THEFTS_PER_SECOND} thefts a second on either side: all meet`,
    'Klinec et al.',
    `${trials} of ${trials}`,
    `${met} of ${trials}`,
  );
}
