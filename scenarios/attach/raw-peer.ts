/** Bare TCP peers that send bytes and record messages. Types only; `raw-client.ts` and `raw-server.ts` implement them. */

/** One message as it was seen on the wire. */
export type SeenMessage = {
  readonly atMicros: number;
  readonly clientType: number;
  readonly messageType: number;
  readonly messageId: number;
  readonly sourceId: string;
  readonly destId: string;
  readonly body: Uint8Array;
  /** The whole message, header included. */
  readonly bytes: Uint8Array;
};

/** A message to send; what is absent is filled in: client type 0, id counting up, source the peer's own, empty destination. */
export type OutgoingMessage = {
  readonly messageType: number;
  readonly clientType?: number;
  readonly messageId?: number;
  readonly sourceId?: string;
  readonly destId?: string;
  readonly body?: Uint8Array | null;
};

export type RawConnection = {
  readonly received: readonly SeenMessage[];
  /** Called for every message, after it was recorded. */
  onSeen: ((message: SeenMessage) => void) | undefined;
  /** Bytes as they are, in one write or cut into `chunkBytes` pieces. */
  sendBytes(bytes: Uint8Array, chunkBytes?: number): void;
  /** Encodes and sends; returns the message's bytes. */
  send(message: OutgoingMessage): Uint8Array;
  /** The next message of this type from index `from` on (default: after the last one waited for). */
  expect(
    messageType: number,
    options?: {
      readonly from?: number;
      readonly withinSecs?: number;
      readonly clause?: string;
      readonly match?: (message: SeenMessage) => boolean;
    },
  ): Promise<SeenMessage>;
  /** Waits for the peer to close; gives the reason (`closed` or `reset`). */
  expectClosed(options?: { readonly withinSecs?: number; readonly clause?: string }): Promise<string>;
  isClosed(): boolean;
  pause(): void;
  resume(): void;
  /** FIN. */
  end(): void;
  /** RST. */
  abort(): void;
};

export type RawClient = RawConnection & {
  /** Sends Logon and waits for its reply; fails the case unless the result is Succeed (or `expect`). */
  logon(
    userID: string,
    options?: { readonly password?: string; readonly expect?: number; readonly clause?: string },
  ): Promise<void>;
};

export type RawServer = {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly connections: readonly RawConnection[];
  /** The next connection not yet taken. */
  accept(options?: { readonly withinSecs?: number; readonly clause?: string }): Promise<RawConnection>;
  /** Takes the next connection, awaits Logon, answers Succeed (or `result`). */
  acceptLogon(options?: {
    readonly result?: number;
    readonly failureCause?: string | null;
    readonly clause?: string;
  }): Promise<{ readonly connection: RawConnection; readonly logon: SeenMessage }>;
  stopListening(): void;
  listenAgain(): Promise<void>;
};
