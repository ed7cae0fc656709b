/**
 * What everybody did and saw in one run, as one ordered record: the evidence for invariants and sequence diagrams.
 *
 * Subjects write here, `runner/invariants.ts` reads. It judges nothing. Every entry has a running number, so that
 * entries of different subjects can be ordered even within one microsecond.
 */
import type { Step } from '../../reports/model.ts';
import { Observed } from './observed.ts';
import type { ServerEvent } from './server-subject.ts';

/** The server's own UserID, as sources and targets are written here (a client's `null`). */
export const SERVER_NAME = '_0';

/** How application data travelled: through the information handler at once, as a blob, or as a tagged message. */
export type Channel = 'information' | 'blob' | 'message';

/** One call that asks for a delivery. `subject` tells instances of one UserID apart. */
export type SendRecord = {
  readonly seq: number;
  readonly subject: number;
  readonly source: string;
  readonly target: string;
  readonly channel: Channel;
  readonly informationType: number;
  /** A copy, taken when the call was made. */
  readonly info: Uint8Array | null;
  readonly tag: string | null;
  /** Went another way on purpose than what was sent before and after it: its place among them is open (P2P-050). */
  apart: boolean;
  /** Set when the call promised an acknowledgement and it came. */
  acknowledged: boolean;
};

/** One delivery to application code. */
export type DeliveryRecord = {
  readonly seq: number;
  readonly subject: number;
  readonly receiver: string;
  readonly source: string;
  readonly channel: 'information' | 'message';
  readonly informationType: number;
  readonly info: Uint8Array | null;
  readonly tag: string | null;
};

/** One call that asks for a broadcast, or one broadcast that reached application code. */
export type BroadcastRecord = {
  readonly seq: number;
  readonly subject: number;
  readonly source: string;
  readonly groupID: string;
  readonly broadcastType: number;
  /** A copy, taken when the call was made. */
  readonly info: Uint8Array | null;
  readonly tag: string | null;
  readonly isBlob: boolean;
};

export type BroadcastDeliveryRecord = Omit<BroadcastRecord, 'isBlob'> & { readonly receiver: string };

/** A query or an acknowledged send: how often it has been answered so far. */
export type AskRecord = {
  readonly subject: number;
  readonly what: 'query' | 'ack';
  readonly label: string;
  /** How often the promise settled: 0 or 1. */
  settledCount: number;
  /** How often the callback was called; undefined when the call had none. */
  callbackCount: number | undefined;
};

/** A client, a server or a raw peer that took part. */
export type SubjectRecord = {
  readonly index: number;
  readonly name: string;
  readonly kind: 'client' | 'server' | 'raw';
  readonly host: string;
  /** Its host lost power: what it owed is lost with it. */
  gone: boolean;
};

export type ServerEventRecord = { readonly seq: number; readonly subject: number; readonly event: ServerEvent };

/** One end of a reliable-UDP connection: what was written and what was handed over, as labels, in order. */
export type StreamRecord = {
  readonly name: string;
  /** Tells the connections of one end apart: its place in the list. */
  readonly generation: number;
  readonly written: string[];
  readonly delivered: string[];
  /** Why it ended; undefined while it has not. */
  reason: string | undefined;
};

/** What a subject still held some time after it was closed. */
export type LeftOver = { readonly subject: string; readonly resource: string; readonly count: number };

/** Something that an engine said of one of its file transfers. */
export type FileEventRecord = {
  readonly seq: number;
  readonly subject: number;
  readonly side: 'sending' | 'receiving';
  readonly projectID: string;
  readonly what: 'started' | 'resumed' | 'progress' | 'completed' | 'disrupted';
  readonly total: number;
  /** Of progress. */
  readonly bytes: number;
  readonly detail: string | null;
};

const STEPS_MAX = 400;

/** The record of one run. Its arrays only grow. */
export class Journal {
  readonly subjects: SubjectRecord[] = [];
  readonly sends: SendRecord[] = [];
  readonly deliveries: DeliveryRecord[] = [];
  readonly broadcasts: BroadcastRecord[] = [];
  readonly broadcastDeliveries: BroadcastDeliveryRecord[] = [];
  readonly asks: AskRecord[] = [];
  readonly serverEvents: ServerEventRecord[] = [];
  readonly fileEvents: FileEventRecord[] = [];
  readonly leftOvers: LeftOver[] = [];
  /** Ends of reliable-UDP connections; two ends in turn belong together. */
  readonly streams: StreamRecord[] = [];
  readonly steps: Step[] = [];
  readonly observed = new Observed();
  /** UserIDs that a raw client spoke for: what it sent is not in `sends`. */
  readonly rawNames = new Set<string>();
  /** A raw server took part, so anything may reach the clients. */
  rawServer = false;
  /** The clients are somebody else's, who promise no exactly-once callbacks. */
  #seq = 0;
  #stepsDropped = 0;
  readonly #nowMicros: () => number;
  readonly #listeners = new Set<() => void>();

  constructor(nowMicros: () => number) {
    this.#nowMicros = nowMicros;
  }

  get nowMicros(): number {
    return this.#nowMicros();
  }

  addSubject(name: string, kind: SubjectRecord['kind'], host: string): SubjectRecord {
    const record: SubjectRecord = { index: this.subjects.length, name, kind, host, gone: false };
    this.subjects.push(record);
    return record;
  }

  sent(
    send: Omit<SendRecord, 'seq' | 'acknowledged' | 'apart' | 'info'> & { readonly info: Uint8Array | null },
  ): SendRecord {
    const record: SendRecord = {
      ...send,
      info: send.info?.slice() ?? null,
      seq: this.#next(),
      acknowledged: false,
      apart: false,
    };
    this.sends.push(record);
    return record;
  }

  delivered(delivery: Omit<DeliveryRecord, 'seq'>): void {
    this.deliveries.push({ ...delivery, seq: this.#next() });
  }

  broadcastSent(broadcast: Omit<BroadcastRecord, 'seq'>): void {
    this.broadcasts.push({ ...broadcast, info: broadcast.info?.slice() ?? null, seq: this.#next() });
  }

  broadcastDelivered(delivery: Omit<BroadcastDeliveryRecord, 'seq'>): void {
    this.broadcastDeliveries.push({ ...delivery, seq: this.#next() });
  }

  serverEvent(subject: number, event: ServerEvent): void {
    this.serverEvents.push({ seq: this.#next(), subject, event });
  }

  fileEvent(event: Omit<FileEventRecord, 'seq'>): void {
    this.fileEvents.push({ ...event, seq: this.#next() });
  }

  asked(subject: number, what: AskRecord['what'], label: string, withCallback: boolean): AskRecord {
    const record: AskRecord = { subject, what, label, settledCount: 0, callbackCount: withCallback ? 0 : undefined };
    this.asks.push(record);
    return record;
  }

  /** An arrow or a note of the sequence diagram; later ones are counted only. */
  step(step: Omit<Step, 'atMicros'>): void {
    if (this.steps.length < STEPS_MAX) this.steps.push({ atMicros: this.nowMicros, ...step });
    else this.#stepsDropped += 1;
  }

  /** The diagram, with a last note when it was cut. */
  finishedSteps(): readonly Step[] {
    if (this.#stepsDropped === 0) return this.steps;
    const note = { atMicros: this.nowMicros, from: 'harness', label: `${this.#stepsDropped} more steps are not shown` };
    return [...this.steps, note];
  }

  /** Calls `listener` after every change; gives the remover. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the waiting that something happened. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #next(): number {
    this.#seq += 1;
    return this.#seq;
  }
}

/** A short form of bytes for labels: the length and the first few in hex. */
export function bytesLabel(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  if (bytes.length === 0) return 'empty';
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8)).toString('hex');
  return bytes.length > 8 ? `${head}.. (${bytes.length} bytes)` : head;
}
