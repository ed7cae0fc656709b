/** Laws about what a classifier sees (RFC 5780), and about the lives of mappings. */
import { NAT_DEVICES, brokenRequirements, natBehaviour } from '../../../sim/index.ts';
import type { NatBehaviour } from '../../../sim/index.ts';
import { classify, lifetimeSecs } from '../../../scenarios/nat/classify.ts';
import type { Hairpin } from '../../../scenarios/nat/classify.ts';
import { NINE } from '../../../scenarios/nat/nine.ts';
import type { FidelityRow } from '../model.ts';
import { exactly } from './row.ts';
import { TableNat } from './tables.ts';
import { behind } from './worlds.ts';

const HAIRPINS = ['off', 'externalSource', 'internalSource'] as const;
const LIVES_SECS = [30, 120, 350];
const SECOND = 1_000_000;

export async function classifierLaws(): Promise<FidelityRow[]> {
  return [
    await everyConfiguration(),
    await everyLife(),
    ...(await allocations()),
    ...(await keepalives()),
    ...(await timers()),
  ];
}

async function everyConfiguration(): Promise<FidelityRow> {
  let equal = 0;
  let blind = 0;
  for (const { mapping, filtering } of NINE) {
    for (const hairpin of HAIRPINS) {
      const seen = await behind([natBehaviour('fullCone', { mapping, filtering, hairpin })], classify);
      const expected = expectedHairpin(natBehaviour('fullCone', { mapping, filtering, hairpin }));
      if (expected === 'unobservable') blind += 1;
      if (seen.mapping === mapping && seen.filtering === filtering && seen.hairpin === expected) equal += 1;
    }
  }
  return exactly(
    'the classifier returns mapping, filtering and hairpin of every configuration; no hairpin and an external one look alike where both mapping and filter depend on the endpoint',
    'RFC 5780',
    '27 of 27, 8 of them alike',
    `${equal} of 27, ${blind} of them alike`,
  );
}

function expectedHairpin({ mapping, filtering, hairpin }: NatBehaviour): Hairpin {
  const isBlind = mapping !== 'endpointIndependent' && filtering !== 'endpointIndependent';
  return isBlind && hairpin !== 'internalSource' ? 'unobservable' : hairpin;
}

async function everyLife(): Promise<FidelityRow> {
  const seen: (number | undefined)[] = [];
  for (const { mapping, filtering } of NINE) {
    for (const secs of LIVES_SECS) {
      const nat = natBehaviour('fullCone', { mapping, filtering, udpMappingMicros: secs * SECOND });
      seen.push(await behind([nat], (platform, server) => lifetimeSecs(platform, server, 400)));
    }
  }
  const equal = seen.filter((secs, index) => secs === LIVES_SECS[index % LIVES_SECS.length]).length;
  return exactly(
    'and the life of a mapping to the second: 30, 120 and 350 s',
    'RFC 5780 section 4.6',
    '27 of 27',
    `${equal} of 27`,
  );
}

async function allocations(): Promise<FidelityRow[]> {
  const cases: readonly (readonly [Partial<NatBehaviour>, string])[] = [
    [{ allocation: 'preserving' }, 'preserving'],
    [{ allocation: 'preservingParity' }, 'preserving'],
    [{ allocation: 'sequential' }, 'sequential 1'],
    [{ allocation: 'sequential', portStep: 2 }, 'sequential 2'],
    [{ allocation: 'sequential', portStep: -3 }, 'sequential -3'],
    [{ allocation: 'block' }, 'sequential 1'],
    [{ allocation: 'contiguous' }, 'sequential 1'],
    [{ allocation: 'random' }, 'random'],
  ];
  const seen: string[] = [];
  for (const [changes] of cases) {
    const { allocation } = await behind([natBehaviour('fullCone', changes)], classify);
    seen.push([allocation.kind, ...(allocation.step === undefined ? [] : [allocation.step])].join(' '));
  }
  return [
    exactly(
      'how ports are given out, seen from outside',
      'configured',
      cases.map(([, kind]) => kind).join(', '),
      seen.join(', '),
    ),
  ];
}

/** A host that sends every so often through a NAT with a life of 30 s, for ten minutes: how often its port changes. */
async function keepalives(): Promise<FidelityRow[]> {
  const changesWith = (everySecs: number, lifeSecs: number): Promise<number> =>
    behind([natBehaviour('symmetric', { udpMappingMicros: lifeSecs * SECOND })], async (platform, server, world) => {
      const seen = new Set<number>();
      const heard = (bytes: Uint8Array): unknown => seen.add((bytes[26]! << 8) | bytes[27]!);
      const socket = platform.bindUdp({ port: 4_000 }, { onMessage: heard });
      await world.sleep(1);
      const request = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12));
      for (let secs = 0; secs < 600; secs += everySecs) {
        socket.send(request, server);
        await world.sleep(everySecs * SECOND);
      }
      return seen.size - 1;
    });
  const changes: string[] = [];
  for (const [every, life] of [
    [15, 30],
    [25, 30],
    [55, 30],
    [55, 60],
  ] as const) {
    changes.push((await changesWith(every, life)) === 0 ? 'survives' : 'dies');
  }
  return [
    exactly(
      'keeping alive every 15, 25 and 55 s through a mapping of 30 s; every 55 s through one of 60 s',
      'keepalives of RFC 8445 and others',
      'survives, survives, dies, survives',
      changes.join(', '),
    ),
  ];
}

/** Two presets measured, and read: one that the RFCs would like, and one with lives of 30 s. */
async function timers(): Promise<FidelityRow[]> {
  const lifeOf = (nat: NatBehaviour): Promise<number | undefined> =>
    behind([nat], (platform, server) => lifetimeSecs(platform, server, 400));
  const [good, short] = [NAT_DEVICES.recommended.behaviour, NAT_DEVICES.pionVnet.behaviour];
  const isAllowed = (secs: number | undefined): string =>
    `${secs} s, ${secs !== undefined && secs >= 120 ? 'enough' : 'too short'}`;
  return [
    exactly(
      'UDP life of the recommended preset and of pion vnet, measured; what their description breaks of REQ-5',
      'RFC 4787 REQ-5: at least 120 s',
      '300 s, enough; 30 s, too short; nothing; RFC 4787 REQ-5 (UDP life)',
      [
        isAllowed(await lifeOf(good)),
        isAllowed(await lifeOf(short)),
        brokenRequirements(good).join() || 'nothing',
        brokenRequirements(short)
          .filter((requirement) => requirement.includes('REQ-5'))
          .join(),
      ].join('; '),
    ),
    exactly(
      'a freed port is given out again after the quarantine, not before: 119 and 121 s after its end',
      'RFC 6888 REQ-8: 120 s',
      'no, yes',
      [119, 121].map((secs) => (givesPortAgain(secs) ? 'yes' : 'no')).join(', '),
    ),
  ];
}

/** A NAT with one port and a life of 60 s: another socket asks for the port so many seconds after the first one's end. */
function givesPortAgain(secs: number): boolean {
  const nat = natBehaviour('fullCone', {
    portMin: 5_000,
    portMax: 5_000,
    quarantineMicros: 120 * SECOND,
    udpMappingMicros: 60 * SECOND,
  });
  const table = new TableNat(nat, 1, 'nat');
  table.measure(4_000);
  table.wait((60 + secs) * SECOND);
  return table.send(4_001, 1, 1) !== undefined;
}
