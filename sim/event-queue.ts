/**
 * The queue of everything that will happen: a 4-ary heap over typed arrays, ordered by (time, sequence).
 *
 * Equal times leave in the order they were pushed, so the order is total. It knows neither clocks nor packets. `push`
 * gives a slot number; `cancel(slot)` is allowed until that event was popped, and the caller keeps track of that.
 *
 * What comes in order of time anyway, as packets on a link do, is pushed by `pushInLane`: of a lane only the first event is in
 * the heap, so the heap is as small as there are busy links. The order of all events is the same as with `push`.
 */

/** Who an event is for. One method, so that no closure is needed for a packet or a timer. */
export type EventTarget = {
  /** Called at the event's time; `argument` is what was pushed with it. */
  onEvent(argument: unknown): void;
};

/** Where events of one kind queue up behind each other. Make one with `new Lane()`; the rest belongs to the queue. */
export class Lane {
  /** The event pushed last, which is still to come while its slot has that sequence number. */
  lastSlot = 0;
  lastSequence = -1;
}

/** One event that has not happened yet. */
export type PendingEvent = { readonly timeMicros: number; readonly target: EventTarget; readonly argument: unknown };

const ARITY = 4;
const NONE = -1;
const CAPACITY_INITIAL = 256;
/** Below this many cancelled entries a rebuild is not worth its walk. */
const CANCELLED_MIN = 64;

/** A priority queue of events with cancellation. */
export class EventQueue {
  /** Of the event popped last. */
  poppedTimeMicros = 0;
  poppedSequence = 0;
  poppedTarget: EventTarget | undefined = undefined;
  poppedArgument: unknown = undefined;

  #times = new Float64Array(CAPACITY_INITIAL);
  #sequences = new Float64Array(CAPACITY_INITIAL);
  #slots = new Int32Array(CAPACITY_INITIAL);
  #size = 0;
  #cancelled = 0;
  #nextSequence = 0;
  // Slots: what an entry of the heap stands for. A cancelled slot has no target.
  readonly #targets: (EventTarget | undefined)[] = [];
  readonly #arguments: unknown[] = [];
  /** Time and sequence number of events in lanes; the sequence is -1 for all others. */
  #laneTimes = new Float64Array(CAPACITY_INITIAL);
  #laneSequences = new Float64Array(CAPACITY_INITIAL).fill(NONE);
  /** The event behind this one in its lane; of a free slot, the next free one. */
  #nextSlots = new Int32Array(CAPACITY_INITIAL).fill(NONE);
  #freeSlot = NONE;
  /** Events in lanes behind the first of their lane. */
  #queuedCount = 0;

  /** Events still to come, cancelled ones not counted. */
  get size(): number {
    return this.#size - this.#cancelled + this.#queuedCount;
  }

  /** Adds an event; gives the slot to cancel it by. */
  push(timeMicros: number, target: EventTarget, argument: unknown): number {
    const slot = this.#takeSlot(target, argument);
    this.#insert(timeMicros, slot);
    return slot;
  }

  /** Adds an event that cannot be cancelled, behind the last one of a lane if it is not earlier than that one. */
  pushInLane(lane: Lane, timeMicros: number, target: EventTarget, argument: unknown): void {
    const slot = this.#takeSlot(target, argument);
    const { lastSlot, lastSequence } = lane;
    const isAlone = lastSequence === NONE || this.#laneSequences[lastSlot] !== lastSequence;
    if (!isAlone && timeMicros < this.#laneTimes[lastSlot]!) {
      this.#insert(timeMicros, slot);
      return;
    }
    const sequence = this.#nextSequence;
    lane.lastSlot = slot;
    lane.lastSequence = sequence;
    this.#laneTimes[slot] = timeMicros;
    this.#laneSequences[slot] = sequence;
    if (isAlone) {
      this.#insert(timeMicros, slot);
      return;
    }
    this.#nextSequence = sequence + 1;
    this.#nextSlots[lastSlot] = slot;
    this.#queuedCount += 1;
  }

  /** Removes an event that has not been popped yet. */
  cancel(slot: number): void {
    if (this.#targets[slot] === undefined) return;
    this.#targets[slot] = undefined;
    this.#arguments[slot] = undefined;
    this.#cancelled += 1;
    if (this.#cancelled > CANCELLED_MIN && this.#cancelled * 2 > this.#size) this.#rebuild();
  }

  /** The time of the next event, or Infinity. */
  peekTimeMicros(): number {
    this.#dropCancelledHead();
    return this.#size === 0 ? Infinity : this.#times[0]!;
  }

  /** Takes the next event into the `popped*` fields; false when there is none. */
  pop(): boolean {
    this.#dropCancelledHead();
    if (this.#size === 0) return false;
    const slot = this.#slots[0]!;
    this.poppedTimeMicros = this.#times[0]!;
    this.poppedSequence = this.#sequences[0]!;
    this.poppedTarget = this.#targets[slot];
    this.poppedArgument = this.#arguments[slot];
    const next = this.#nextSlots[slot]!;
    this.#releaseSlot(slot);
    if (next === NONE) this.#removeHead();
    else {
      this.#queuedCount -= 1;
      this.#siftDown(0, this.#laneTimes[next]!, this.#laneSequences[next]!, next);
    }
    return true;
  }

  /** What is still to come, in order. For those who look at a world that stands still; it costs a walk and a sort. */
  pending(): PendingEvent[] {
    const found: (PendingEvent & { readonly sequence: number })[] = [];
    const add = (timeMicros: number, sequence: number, slot: number): void => {
      const target = this.#targets[slot];
      if (target !== undefined) found.push({ timeMicros, sequence, target, argument: this.#arguments[slot] });
    };
    for (let position = 0; position < this.#size; position += 1) {
      const slot = this.#slots[position]!;
      if (this.#targets[slot] === undefined) continue;
      add(this.#times[position]!, this.#sequences[position]!, slot);
      for (let next = this.#nextSlots[slot]!; next !== NONE; next = this.#nextSlots[next]!) {
        add(this.#laneTimes[next]!, this.#laneSequences[next]!, next);
      }
    }
    return found.sort((a, b) => a.timeMicros - b.timeMicros || a.sequence - b.sequence);
  }

  #takeSlot(target: EventTarget, argument: unknown): number {
    let slot = this.#freeSlot;
    if (slot === NONE) {
      slot = this.#targets.length;
      if (slot === this.#nextSlots.length) this.#growSlots();
    } else {
      this.#freeSlot = this.#nextSlots[slot]!;
      this.#nextSlots[slot] = NONE;
    }
    this.#targets[slot] = target;
    this.#arguments[slot] = argument;
    return slot;
  }

  #releaseSlot(slot: number): void {
    this.#targets[slot] = undefined;
    this.#arguments[slot] = undefined;
    this.#laneSequences[slot] = NONE;
    this.#nextSlots[slot] = this.#freeSlot;
    this.#freeSlot = slot;
  }

  #insert(timeMicros: number, slot: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const sequence = this.#nextSequence;
    this.#nextSequence = sequence + 1;
    this.#size += 1;
    this.#siftUp(this.#size - 1, timeMicros, sequence, slot);
  }

  #dropCancelledHead(): void {
    while (this.#cancelled > 0 && this.#size > 0) {
      const slot = this.#slots[0]!;
      if (this.#targets[slot] !== undefined) return;
      this.#cancelled -= 1;
      this.#releaseSlot(slot);
      this.#removeHead();
    }
  }

  #removeHead(): void {
    this.#size -= 1;
    const last = this.#size;
    if (last > 0) this.#siftDown(0, this.#times[last]!, this.#sequences[last]!, this.#slots[last]!);
  }

  #siftUp(start: number, time: number, sequence: number, slot: number): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      const parentTime = times[parent]!;
      if (parentTime < time || (parentTime === time && sequences[parent]! < sequence)) break;
      times[position] = parentTime;
      sequences[position] = sequences[parent]!;
      slots[position] = slots[parent]!;
      position = parent;
    }
    times[position] = time;
    sequences[position] = sequence;
    slots[position] = slot;
  }

  #siftDown(start: number, time: number, sequence: number, slot: number): void {
    const times = this.#times;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const size = this.#size;
    let position = start;
    for (;;) {
      const first = position * ARITY + 1;
      if (first >= size) break;
      const end = first + ARITY < size ? first + ARITY : size;
      let best = first;
      let bestTime = times[first]!;
      for (let child = first + 1; child < end; child += 1) {
        const childTime = times[child]!;
        if (childTime < bestTime || (childTime === bestTime && sequences[child]! < sequences[best]!)) {
          best = child;
          bestTime = childTime;
        }
      }
      if (time < bestTime || (time === bestTime && sequence < sequences[best]!)) break;
      times[position] = bestTime;
      sequences[position] = sequences[best]!;
      slots[position] = slots[best]!;
      position = best;
    }
    times[position] = time;
    sequences[position] = sequence;
    slots[position] = slot;
  }

  /** Throws the cancelled entries out. The order is total, so the rebuilt heap pops exactly as the old one would. */
  #rebuild(): void {
    let kept = 0;
    for (let position = 0; position < this.#size; position += 1) {
      const slot = this.#slots[position]!;
      if (this.#targets[slot] === undefined) {
        this.#releaseSlot(slot);
        continue;
      }
      this.#times[kept] = this.#times[position]!;
      this.#sequences[kept] = this.#sequences[position]!;
      this.#slots[kept] = slot;
      kept += 1;
    }
    this.#size = kept;
    this.#cancelled = 0;
    for (let position = (kept - 2) >> 2; position >= 0; position -= 1) {
      this.#siftDown(position, this.#times[position]!, this.#sequences[position]!, this.#slots[position]!);
    }
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    this.#times = grown(new Float64Array(capacity), this.#times);
    this.#sequences = grown(new Float64Array(capacity), this.#sequences);
    this.#slots = grown(new Int32Array(capacity), this.#slots);
  }

  #growSlots(): void {
    const capacity = this.#nextSlots.length * 2;
    this.#laneTimes = grown(new Float64Array(capacity), this.#laneTimes);
    this.#laneSequences = grown(new Float64Array(capacity).fill(NONE), this.#laneSequences);
    this.#nextSlots = grown(new Int32Array(capacity).fill(NONE), this.#nextSlots);
  }
}

function grown<T extends Float64Array | Int32Array>(bigger: T, smaller: T): T {
  bigger.set(smaller);
  return bigger;
}
