/**
 * Integer hashes that turn names into seeds, shards and digests.
 *
 * Pure; equal on every Node version. Not for security. A case's seed depends on the run's seed and the case's id only,
 * so neither the order of cases nor the number of workers shifts what any case draws.
 */
import { createHash } from 'node:crypto';

/** A 32-bit unsigned hash of a text, mixed with `seed`. */
export function hash32(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The seed of one case: a positive 31-bit integer, which fast-check and the simulator both take unchanged. */
export function caseSeed(runSeed: number, caseId: string): number {
  return hash32(caseId, hash32(String(runSeed))) >>> 1;
}

/** The shard, 1 to `shardCount`, that runs a case. All shards together run every case once. */
export function shardOf(caseId: string, shardCount: number): number {
  return (hash32(caseId) % shardCount) + 1;
}

/** One digest, 16 hex digits, over several in the given order. */
export function combineDigests(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(`${digest}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** The digest of a run: over the simulated verdicts in order of case id. */
export function runDigest(
  verdicts: readonly { readonly case: string; readonly target: string; readonly digest?: string }[],
): string {
  const lines = verdicts
    .filter((verdict) => verdict.target === 'sim' && verdict.digest !== undefined)
    .map((verdict) => `${verdict.case} ${verdict.digest ?? ''}`);
  // Compared by code unit, not by locale: the order must be the same on every machine.
  lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return combineDigests(lines);
}
