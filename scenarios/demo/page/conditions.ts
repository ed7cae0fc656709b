/** What the script has done to hosts and links by a time, in words. From the script alone; the run obeys the same script. */
import type { ScriptLine } from '../script.ts';

export type Conditions = {
  /** By host: crashed, asleep ... */
  readonly hosts: ReadonlyMap<string, string>;
  /** By link: one text for each thing that is wrong. */
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** Hosts that are in another network than their own. */
  readonly away: ReadonlySet<string>;
};

/** Words that put a host into a state, and those that end it. */
const HOST_STATES: Readonly<Record<string, string>> = {
  crash: 'crashed',
  suspend: 'asleep',
  pause: 'paused',
  isolate: 'cut off',
  interfaceDown: 'unplugged',
};
const HOST_ENDS: Readonly<Record<string, string>> = {
  restart: 'crashed',
  wake: 'asleep',
  resume: 'paused',
  interfaceUp: 'unplugged',
};
const LINK_ENDS: Readonly<Record<string, string>> = { linkUp: 'linkDown', release: 'hold' };

/** By that time. */
export function conditionsAt(lines: readonly ScriptLine[], micros: number): Conditions {
  const hosts = new Map<string, Map<string, string>>();
  const links = new Map<string, Map<string, string>>();
  const away = new Set<string>();
  for (const { atMicros, fault } of lines) {
    if (atMicros > micros) break;
    const { fault: word, ...rest } = fault;
    const values = rest as Readonly<Record<string, string | number | undefined>>;
    if (typeof values.host === 'string') strikeHost(word, of(hosts, values.host));
    if (fault.fault === 'roam') away.add(fault.host);
    if (fault.fault === 'comeHome' || fault.fault === 'recover') away.delete(fault.host);
    if (word === 'heal') for (const states of hosts.values()) states.delete('cut off');
    if (typeof values.link === 'string') strikeLink(word, values, of(links, values.link));
  }
  return {
    away,
    hosts: new Map(
      [...hosts].flatMap(([name, states]) => (states.size === 0 ? [] : [[name, [...states.values()].join(', ')]])),
    ),
    links: new Map([...links].flatMap(([name, ills]) => (ills.size === 0 ? [] : [[name, [...ills.values()]]]))),
  };
}

function of(map: Map<string, Map<string, string>>, name: string): Map<string, string> {
  const found = map.get(name) ?? new Map<string, string>();
  map.set(name, found);
  return found;
}

function strikeHost(word: string, states: Map<string, string>): void {
  const begun = HOST_STATES[word];
  if (begun !== undefined) states.set(begun, begun);
  const ended = HOST_ENDS[word];
  if (ended !== undefined) states.delete(ended);
  if (word === 'recover') for (const state of [...states.keys()]) if (state !== 'crashed') states.delete(state);
}

function strikeLink(
  word: string,
  values: Readonly<Record<string, string | number | undefined>>,
  ills: Map<string, string>,
): void {
  const percent = `${Number(values.perMille ?? 0) / 10} %`;
  const texts: Readonly<Record<string, string>> = {
    linkDown: 'down',
    hold: 'held',
    loss: `loses ${percent}`,
    delay: `takes ${Number(values.micros ?? 0) / 1_000} ms`,
    duplication: `doubles ${percent}`,
    reordering: `reorders ${percent}`,
    corruption: `damages ${percent}`,
    truncation: `cuts ${percent}`,
    narrowing: `${Number(values.bitsPerSecond ?? 0) / 1_000} kbit/s`,
  };
  const text = texts[word];
  if (text !== undefined) ills.set(word, text);
  const ended = LINK_ENDS[word];
  if (ended !== undefined) ills.delete(ended);
  if (word === 'mend')
    for (const ill of [...ills.keys()])
      if (values.condition === undefined ? ill !== 'linkDown' && ill !== 'hold' : ill === values.condition)
        ills.delete(ill);
}
