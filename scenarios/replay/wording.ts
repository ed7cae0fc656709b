/** The words that findings are made of. */
import { messageByType } from '../../spec/grammar/index.ts';
import type { Place } from './judged.ts';

/** A message type by name, or its number when it has none. */
export function nameOf(type: number): string {
  return messageByType(type)?.name ?? `type ${type}`;
}

/** A name in quotes; control characters escaped. */
export function quoted(id: string): string {
  return JSON.stringify(id);
}

/** Seconds from one place of the capture to another. */
export function secondsBetween(from: Pick<Place, 'timeMicros'>, to: Pick<Place, 'timeMicros'>): number {
  return (to.timeMicros - from.timeMicros) / 1_000_000;
}

/** A number and what is counted. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** Seconds for people: three decimals at most. */
export function secondsText(seconds: number): string {
  return `${Number(seconds.toFixed(3))} s`;
}
