/**
 * What the viewer shows: a recorded run, as columns of numbers and lists of texts. Types only.
 *
 * It is what the simulator's flight recorder gives; written down here once more because reports know no simulator.
 */

/** Every packet on every link, in the order of sending; columns of equal length. */
export type ViewHops = {
  readonly sentMicros: Float64Array;
  /** -1 while on the way. */
  readonly endMicros: Float64Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The hop by which the same packet had come; -1 for none. */
  readonly previous: Int32Array;
  /** 0 on the way, 1 delivered, 2 lost on the link, 3 ended at the node it had reached. */
  readonly outcome: Uint8Array;
  readonly reason: Uint8Array;
  /** 1 damaged, 2 a copy made by a link. */
  readonly marks: Uint8Array;
  readonly protocol: Uint8Array;
  readonly flags: Uint8Array;
  readonly sizeBytes: Int32Array;
  readonly loadBytes: Int32Array;
  readonly source: Int32Array;
  readonly destination: Int32Array;
  readonly sequence: Int32Array;
  readonly acknowledgment: Int32Array;
  readonly payloadAt: Int32Array;
  readonly payloadBytes: Int32Array;
};

/** What nodes said and did. */
export type ViewNotes = {
  readonly timeMicros: Float64Array;
  readonly node: Int32Array;
  readonly kind: Uint8Array;
  readonly text: Int32Array;
};

export type ViewNode = {
  readonly name: string;
  readonly kind: 'host' | 'nat' | 'router';
  readonly addresses: readonly string[];
};

export type ViewMapping = {
  readonly nat: number;
  readonly protocol: 'udp' | 'tcp' | 'icmp';
  readonly inner: string;
  readonly external: string;
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly remotes: readonly { readonly endpoint: string; readonly sinceMicros: number }[];
};

/** A recorded run. */
export type ViewRun = {
  readonly seed: number;
  readonly digest: string;
  readonly epochMillis: number;
  readonly endMicros: number;
  readonly nodes: readonly ViewNode[];
  readonly endpoints: readonly string[];
  readonly reasons: readonly string[];
  readonly noteKinds: readonly string[];
  readonly texts: readonly string[];
  readonly hops: ViewHops;
  readonly notes: ViewNotes;
  readonly mappings: readonly ViewMapping[];
  readonly payloads: Uint8Array;
  readonly missedCount: number;
};

/** What stands above the picture. */
export type ViewAbout = {
  readonly title: string;
  /** In a few words: how the run ended. */
  readonly subtitle: string;
  /** How to have this run again. */
  readonly command: string;
};
