/**
 * Numbers as people read them.
 */
import type { Kit } from './kit.ts';

/** A duration given in milliseconds. */
export function millis(_kit: Kit, value: number): string {
  if (value < 1) return `${Number(value.toFixed(2))} ms`;
  if (value < 1000) return `${Number(value.toFixed(value < 10 ? 1 : 0))} ms`;
  if (value < 60_000) return `${Number((value / 1000).toFixed(2))} s`;
  return `${Math.floor(value / 60_000)} min ${Math.round(value / 1000) % 60} s`;
}

/** A moment or gap given in microseconds. */
export function micros(_kit: Kit, value: number): string {
  if (value < 1000) return `${value} µs`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 100_000 ? 2 : 1)} ms`;
  return `${(value / 1_000_000).toFixed(value < 100_000_000 ? 3 : 1)} s`;
}

/** "1 case", "2 cases". */
export function words(_kit: Kit, count: number, one: string, many?: string): string {
  return `${count} ${count === 1 ? one : (many ?? `${one}s`)}`;
}
