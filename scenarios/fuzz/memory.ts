/** How much memory a call takes while it runs, seen from outside: what allocates by a length that lies stands out. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes a call may take besides what its input justifies: garbage, code, caches. */
const BYTES_FREE = 4_194_304;
/** Bytes a decoder may take for each byte of input; a list of null objects takes eight to sixteen for four. */
const BYTES_PER_BYTE = 64;

/** Memory in use, on the heap of the language and outside it. */
function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}

/** Runs `call` and gives the bytes by which memory in use has grown beyond what `inputBytes` justify; 0 when not at all. */
export function excessBytes(inputBytes: number, call: () => void): number {
  const before = bytesInUse();
  call();
  return Math.max(0, bytesInUse() - before - BYTES_FREE - BYTES_PER_BYTE * inputBytes);
}

let collect: (() => void) | undefined;

/**
 * Collects garbage now. A large array left by an earlier call is given back in the middle of the next one and hides what
 * that takes, so whoever looks twice at the same call clears the table in between.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
