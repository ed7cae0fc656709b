/** How much memory a call takes while it runs, seen from outside: what allocates by a length that lies stands out. */
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes a call may take besides what its input justifies: garbage, code, caches. */
const BYTES_FREE = 4_194_304;
/** Bytes a decoder may take for each byte of input; a list of null objects takes eight to sixteen for four. */
const BYTES_PER_BYTE = 64;
/** Memory outside the heap may grow by this much before it is cleared; bytes. */
const OUTSIDE_BYTES_MAX = 1_048_576;

/** Memory in use, on the heap of the language and outside it. */
function bytesInUse(): number {
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}

let outsideBytesCleared = 0;
let collect: (() => void) | undefined;

/**
 * Gives back what earlier calls left outside the heap. It would be given back in the middle of the next call and hide what
 * that takes. Twice, because the first collection gives back large arrays while the program already goes on.
 */
function clearOutside(): void {
  if (getHeapStatistics().external_memory <= outsideBytesCleared + OUTSIDE_BYTES_MAX) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  outsideBytesCleared = getHeapStatistics().external_memory;
}

/** Runs `call` and gives the bytes it took beyond what `inputBytes` justify; 0 when not at all. */
export type ExcessMeter = (inputBytes: number, call: () => void) => number;

/** By how much memory in use has grown. Quick, but a garbage collection at the wrong moment hides everything. */
export const excessGrowth: ExcessMeter = (inputBytes, call) => {
  const before = bytesInUse();
  call();
  return beyond(inputBytes, bytesInUse() - before);
};

/** All that was allocated, also what a garbage collection during the call has freed again. Takes tens of microseconds. */
export const excessAllocated: ExcessMeter = (inputBytes, call) => {
  clearOutside();
  const profiler = new GCProfiler();
  profiler.start();
  let from = bytesInUse();
  let allocated = 0;
  try {
    call();
  } finally {
    const now = bytesInUse();
    for (const { beforeGC, afterGC } of profiler.stop().statistics) {
      allocated += bytesAt(beforeGC) - from;
      from = bytesAt(afterGC);
    }
    allocated += now - from;
  }
  return beyond(inputBytes, allocated);
};

function beyond(inputBytes: number, takenBytes: number): number {
  return Math.max(0, takenBytes - BYTES_FREE - BYTES_PER_BYTE * inputBytes);
}

type HeapMoment = ReturnType<GCProfiler['stop']>['statistics'][number]['beforeGC'];

/** The same sum as `bytesInUse`, at one end of a collection. */
function bytesAt({ heapStatistics: { usedHeapSize, externalMemory } }: HeapMoment): number {
  return usedHeapSize + externalMemory;
}
