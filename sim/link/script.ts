/**
 * The script of one direction: rules that decide about single packets before chance does, and taps that only look.
 */
import type { Packet } from '../packet.ts';

/** What a rule wants done with a packet; `pass` leaves it to the next rule and then to the link's options. */
export type Verdict = 'pass' | 'drop' | 'duplicate' | { readonly extraMicros: number };

/** `number` counts the packets of this direction from 1. The packet must not be changed. */
export type LinkRule = (packet: Readonly<Packet>, number: number) => Verdict;

/** Sees every packet that enters a direction, before anything happens to it. */
export type PacketTap = (packet: Readonly<Packet>, atMicros: number) => void;

/** Appends to a list; gives the remover. */
export function addTo<T>(list: T[], added: T): () => void {
  list.push(added);
  return () => {
    const index = list.indexOf(added);
    if (index >= 0) list.splice(index, 1);
  };
}

/** The first answer other than `pass`. */
export function askRules(rules: readonly LinkRule[], packet: Packet, number: number): Verdict {
  for (const rule of rules) {
    const verdict = rule(packet, number);
    if (verdict !== 'pass') return verdict;
  }
  return 'pass';
}

/** Drops packets `first + n` for the numbers n from 1. */
export function nthRule(first: number, numbers: readonly number[]): LinkRule {
  const wanted = new Set(numbers);
  return (_packet, number) => (wanted.has(number - first) ? 'drop' : 'pass');
}

/** Drops `count` packets in a row from that number on. */
export function blockRule(first: number, count: number): LinkRule {
  return (_packet, number) => (number >= first && number < first + count ? 'drop' : 'pass');
}

/** Drops the first `countMax` packets that fulfil a condition. */
export function conditionRule(condition: (packet: Readonly<Packet>) => boolean, countMax: number): LinkRule {
  let count = 0;
  return (packet) => {
    if (count >= countMax || !condition(packet)) return 'pass';
    count += 1;
    return 'drop';
  };
}
