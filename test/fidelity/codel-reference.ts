/**
 * CoDel a second time, from the text of RFC 8289 section 5, without a world, a link or the simulator's integer arithmetic:
 * a line that needs the same time for every packet, its arrivals known beforehand. Gives what happened, packet by packet.
 */

export type ReferenceOptions = {
  readonly arrivalsMicros: readonly number[];
  readonly serviceMicros: number;
  readonly packetBytes: number;
  readonly maxpacketBytes: number;
  readonly targetMicros: number;
  readonly intervalMicros: number;
  /** Packets are marked instead of dropped. */
  readonly ecn: boolean;
};

/** "drop ID at TIME" and "mark ID at TIME", ids from 0. */
export function codelReference(options: ReferenceOptions): string[] {
  const { arrivalsMicros, serviceMicros, packetBytes, maxpacketBytes, targetMicros, intervalMicros, ecn } = options;
  const events: string[] = [];
  const queue: number[] = [];
  let arrived = 0;
  let now = 0;
  let first_above_time = 0;
  let drop_next = 0;
  let count = 0;
  let lastcount = 0;
  let dropping = false;

  const control_law = (t: number, n: number): number => t + Math.floor(intervalMicros / Math.sqrt(n));

  const dodequeue = (): { id: number | undefined; ok_to_drop: boolean } => {
    const id = queue.shift();
    if (id === undefined) {
      first_above_time = 0;
      return { id, ok_to_drop: false };
    }
    const sojourn_time = now - arrivalsMicros[id]!;
    if (sojourn_time < targetMicros || queue.length * packetBytes <= maxpacketBytes) {
      first_above_time = 0;
      return { id, ok_to_drop: false };
    }
    if (first_above_time === 0) {
      first_above_time = now + intervalMicros;
      return { id, ok_to_drop: false };
    }
    return { id, ok_to_drop: now >= first_above_time };
  };

  const dequeue = (): number | undefined => {
    let r = dodequeue();
    if (dropping) {
      if (!r.ok_to_drop) dropping = false;
      while (now >= drop_next && dropping) {
        ++count;
        if (ecn) {
          events.push(`mark ${r.id} at ${now}`);
          drop_next = control_law(drop_next, count);
          return r.id;
        }
        events.push(`drop ${r.id} at ${now}`);
        r = dodequeue();
        if (!r.ok_to_drop) dropping = false;
        else drop_next = control_law(drop_next, count);
      }
    } else if (r.ok_to_drop) {
      events.push(`${ecn ? 'mark' : 'drop'} ${r.id} at ${now}`);
      if (!ecn) r = dodequeue();
      dropping = true;
      const delta = count - lastcount;
      count = 1;
      if (delta > 1 && now - drop_next < 16 * intervalMicros) count = delta;
      drop_next = control_law(now, count);
      lastcount = count;
    }
    return r.id;
  };

  for (;;) {
    // The line is free at `now`. With nothing waiting, time goes on to the next arrival, which finds the queue empty.
    while (arrived < arrivalsMicros.length && arrivalsMicros[arrived]! <= now) queue.push(arrived++);
    if (dequeue() !== undefined) {
      now += serviceMicros;
    } else if (arrived < arrivalsMicros.length) {
      now = arrivalsMicros[arrived]!;
      queue.push(arrived++);
      dequeue();
      now += serviceMicros;
    } else if (queue.length === 0) {
      return events;
    }
  }
}
