/**
 * Classes of faults for random search, as data: each puts words of the vocabulary together to a fault that begins, and ends.
 *
 * A search switches each class on or off and draws its knobs; hand-written scripts use the same words by themselves. Nothing
 * is drawn or done here. Where a class can be done follows from its words. A new class is one row.
 */
import { AWAY_NETWORK_NAMES } from './away-networks.ts';
import { FAULT_WORDS } from './fault-words.ts';
import type { Fault, LinkCondition } from './fault-words.ts';

/** Who is struck, and the knobs. */
export type Struck = {
  readonly host: string;
  /** All hosts of the search, the struck one among them. */
  readonly hosts: readonly string[];
  /** Of this one fault: what it cuts can be healed alone. */
  readonly cut: string;
  /** 1 to 100, from mild to severe. */
  readonly strength: number;
  /** 0 to 255: which others, which way. */
  readonly choice: number;
};

/** One class. Links and NATs go by the name of the host they belong to; whoever applies the words knows which those are. */
export type FaultClassRow = {
  readonly begin: (struck: Struck) => readonly Fault[];
  /** What ends it; absent when it is over at once, or never. */
  readonly end?: (struck: Struck) => readonly Fault[];
  /**
   * `expendable`: only hosts that need not come back. `mobile`: only hosts that nobody dials. `natted`: only hosts behind a
   * NAT. `storing`: only hosts whose files matter. `tearable`: only those of them that need not come back. Default: any.
   */
  readonly strikes?: 'expendable' | 'mobile' | 'natted' | 'storing' | 'tearable';
};

const PER_MILLE = 1000;

/** A condition of the struck host's link, which ends by itself. */
function condition(name: LinkCondition, fault: (link: string, strength: number) => Fault): FaultClassRow {
  return {
    begin: ({ host, strength }) => [fault(host, strength)],
    end: ({ host }) => [{ fault: 'mend', link: host, condition: name }],
  };
}

/** A fault of the struck host's disk. */
function disk(fault: (host: string, strength: number) => Fault): FaultClassRow {
  return {
    begin: ({ host, strength }) => [fault(host, strength)],
    end: ({ host }) => [{ fault: 'diskMend', host }],
    strikes: 'storing',
  };
}

/** Some of the others, one at least. */
function someOthers({ host, hosts, choice }: Struck): readonly string[] {
  const others = hosts.filter((other) => other !== host);
  const some = others.filter((_other, index) => ((choice >> (index % 8)) & 1) === 1);
  return some.length > 0 ? some : others.slice(0, 1);
}

function healed({ cut }: Struck): readonly Fault[] {
  return [{ fault: 'heal', cut }];
}

/** Every class. */
export const FAULT_CLASSES = {
  loss: condition('loss', (link, strength) => ({ fault: 'loss', link, perMille: 3 * strength })),
  delay: condition('delay', (link, strength) => ({
    fault: 'delay',
    link,
    micros: 10_000 * strength,
    jitterMicros: 1_000 * strength,
  })),
  duplication: condition('duplication', (link, strength) => ({ fault: 'duplication', link, perMille: 5 * strength })),
  reordering: condition('reordering', (link, strength) => ({
    fault: 'reordering',
    link,
    perMille: 5 * strength,
    extraMicros: 20_000,
  })),
  corruption: condition('corruption', (link, strength) => ({ fault: 'corruption', link, perMille: 3 * strength })),
  truncation: condition('truncation', (link, strength) => ({ fault: 'truncation', link, perMille: 3 * strength })),
  narrowing: condition('narrowing', (link, strength) => ({
    fault: 'narrowing',
    link,
    bitsPerSecond: Math.floor(2_000_000 / strength),
  })),
  pieces: {
    begin: ({ host, strength }) => [{ fault: 'pieces', host, bytesMax: strength }],
    end: ({ host }) => [{ fault: 'pieces', host, bytesMax: 0 }],
  },
  /** One host against some of the others. */
  partition: {
    begin: (struck) => [{ fault: 'partition', between: [[struck.host], someOthers(struck)], cut: struck.cut }],
    end: healed,
  },
  partitionOneWay: {
    begin: (struck) => {
      const groups = [[struck.host], someOthers(struck)] as const;
      const [from, to] = struck.strength % 2 === 0 ? groups : [groups[1], groups[0]];
      return [{ fault: 'partitionOneWay', from, to, cut: struck.cut }];
    },
    end: healed,
  },
  /** All hosts in two groups. */
  partitionGroups: {
    begin: (struck) => {
      const others = someOthers(struck);
      const group = struck.hosts.filter((host) => !others.includes(host));
      return [{ fault: 'partition', between: [group, others], cut: struck.cut }];
    },
    end: healed,
  },
  isolation: { begin: ({ host, cut }) => [{ fault: 'isolate', host, cut }], end: healed },
  hold: {
    begin: ({ host }) => [{ fault: 'hold', link: host }],
    end: ({ host }) => [{ fault: 'release', link: host }],
  },
  clog: { begin: ({ host, strength }) => [{ fault: 'clog', link: host, micros: 100_000 * strength }] },
  swizzleClog: {
    begin: (struck) => [
      { fault: 'swizzleClog', links: [struck.host, ...someOthers(struck)], stepMicros: 10_000 * struck.strength },
    ],
  },
  linkDown: {
    begin: ({ host }) => [{ fault: 'linkDown', link: host }],
    end: ({ host }) => [{ fault: 'linkUp', link: host }],
  },
  reset: { begin: ({ host }) => [{ fault: 'reset', host }] },
  crash: { begin: ({ host }) => [{ fault: 'crash', host }], strikes: 'expendable' },
  crashLosingStore: { begin: ({ host }) => [{ fault: 'crash', host, store: 'lose' }], strikes: 'expendable' },
  reboot: {
    begin: ({ host }) => [{ fault: 'crash', host }],
    end: ({ host }) => [{ fault: 'restart', host }],
    strikes: 'expendable',
  },
  pause: { begin: ({ host }) => [{ fault: 'pause', host }], end: ({ host }) => [{ fault: 'resume', host }] },
  suspension: { begin: ({ host }) => [{ fault: 'suspend', host }], end: ({ host }) => [{ fault: 'wake', host }] },
  slowness: {
    begin: ({ host, strength, choice }) => [
      { fault: 'slow', host, delayMicros: 1_000 * strength, busyMicros: choice % 2 === 0 ? 0 : 100 * strength },
    ],
    end: ({ host }) => [{ fault: 'slow', host, delayMicros: 0, busyMicros: 0 }],
  },
  interfaceDown: {
    begin: ({ host }) => [{ fault: 'interfaceDown', host }],
    end: ({ host }) => [{ fault: 'interfaceUp', host }],
  },
  /** As a phone that leaves the Wi-Fi for LTE, and comes back: with a gap, or with an overlap. */
  roaming: {
    begin: ({ host, strength, choice }) => [
      {
        fault: 'roam',
        host,
        to: AWAY_NETWORK_NAMES[choice % AWAY_NETWORK_NAMES.length]!,
        ...(choice < 128 ? { gapMicros: 20_000 * strength } : { overlapMicros: 20_000 * strength }),
      },
    ],
    end: ({ host, strength }) => [{ fault: 'comeHome', host, gapMicros: 10_000 * strength }],
    strikes: 'mobile',
  },
  addressChange: { begin: ({ host }) => [{ fault: 'renumber', host }], strikes: 'mobile' },
  clockStep: {
    begin: ({ host, strength, choice }) => [
      { fault: 'clockStep', host, deltaMicros: (choice % 2 === 0 ? 36_000_000 : -36_000_000) * strength },
    ],
  },
  drift: {
    begin: ({ host, strength, choice }) => [
      { fault: 'drift', host, driftPpm: (choice % 2 === 0 ? PER_MILLE : -PER_MILLE) * strength },
    ],
    end: ({ host }) => [{ fault: 'drift', host, driftPpm: 0 }],
  },
  natReboot: { begin: ({ host }) => [{ fault: 'natReboot', nat: host }], strikes: 'natted' },
  natRenumber: { begin: ({ host }) => [{ fault: 'natRenumber', nat: host }], strikes: 'natted' },
  diskFull: disk((host) => ({ fault: 'diskFull', host })),
  diskFailing: disk((host, strength) => ({ fault: 'diskFailing', host, perMille: 10 * strength })),
  diskSlow: disk((host, strength) => ({ fault: 'diskSlow', host, micros: 10_000 * strength })),
  crashTearing: { begin: ({ host }) => [{ fault: 'crash', host, store: 'tear' }], strikes: 'tearable' },
} as const satisfies Readonly<Record<string, FaultClassRow>>;

export type FaultClass = keyof typeof FAULT_CLASSES;

/** The classes by name, in the order of the table. */
export const FAULT_CLASS_NAMES = Object.keys(FAULT_CLASSES) as readonly FaultClass[];

const ANYBODY: Struck = { host: 'a', hosts: ['a', 'b'], cut: 'c', strength: 1, choice: 0 };

/** Where all words of a class can be done. */
export function whereFaultClassActs(name: FaultClass): 'sim' | 'all' {
  const row: FaultClassRow = FAULT_CLASSES[name];
  const words = [...row.begin(ANYBODY), ...(row.end?.(ANYBODY) ?? [])];
  // A real machine that loses its power here keeps its disk running.
  const isReal = (word: Fault): boolean =>
    FAULT_WORDS[word.fault].on === 'all' && !(word.fault === 'crash' && word.store === 'tear');
  return words.every(isReal) ? 'all' : 'sim';
}
