/**
 * One bare TCP connection that sends what it is told to and records whole messages; the base of both raw peers.
 *
 * It answers nothing by itself and checks nothing but framing: a frame error ends the recording and is told in failures.
 */
import type { TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import { MESSAGE_BYTES_HIGHEST } from '../../spec/limits.ts';
import { FrameDecoder, encodeFrame } from '../../impl/wire/index.ts';
import type { FrameError, FrameView } from '../../impl/wire/index.ts';
import { SERVER_LABEL } from './client-recorder.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed, HarnessFault } from './failures.ts';
import type { OutgoingMessage, RawConnection, SeenMessage } from './raw-peer.ts';
import { WITHIN_SECS_DEFAULT } from './waiting.ts';

export type RawConnectionOptions = {
  readonly context: SubjectContext;
  /** The name in diagrams and failures. */
  readonly label: string;
  readonly userIdBytesMax: number;
  /** Filled in as source id when a message names none. */
  readonly sourceId: () => string;
  /** Filled in as client type when a message names none. */
  readonly clientType: number;
};

type ExpectOptions = NonNullable<Parameters<RawConnection['expect']>[1]>;

/** A RawConnection over a Platform's TCP. */
export class RawPeerConnection implements RawConnection {
  readonly received: SeenMessage[] = [];
  onSeen: ((message: SeenMessage) => void) | undefined = undefined;
  readonly #options: RawConnectionOptions;
  readonly #decoder: FrameDecoder;
  #connection: TcpConnection | undefined;
  #frameError: FrameError | undefined;
  #closeReason: TcpCloseReason | undefined;
  #ended = false;
  #connected = false;
  #nextMessageId = 0;
  /** Index after the last message waited for. */
  #taken = 0;

  constructor(options: RawConnectionOptions) {
    this.#options = options;
    this.#decoder = new FrameDecoder({
      userIdBytesMax: options.userIdBytesMax,
      messageBytesMax: MESSAGE_BYTES_HIGHEST,
    });
  }

  /** Handlers for the platform; `onConnected` also serves outgoing connections. */
  get handlers(): TcpHandlers {
    return {
      onConnected: () => {
        this.#connected = true;
        this.#changed();
      },
      onData: (bytes) => {
        this.#frameError ??= this.#decoder.push(bytes, (frame) => this.#see(frame));
        this.#changed();
      },
      onEnd: () => {
        this.#ended = true;
        // A peer that has said it will send nothing more is answered in kind, as every simple program does.
        this.#connection?.end();
        this.#changed();
      },
      onClosed: (reason) => {
        this.#closeReason = reason;
        this.#options.context.journal.step({ from: this.#options.label, label: `connection ${reason}` });
        this.#changed();
      },
    };
  }

  attach(connection: TcpConnection, connected: boolean): void {
    this.#connection = connection;
    this.#connected ||= connected;
  }

  /** Waits for the handshake. */
  async opened(clause?: string): Promise<void> {
    const { waiting } = this.#options.context;
    await waiting.until(
      () => this.#connected || this.#closeReason !== undefined,
      WITHIN_SECS_DEFAULT,
      () => this.#failure('could not connect', 'a connection', clause),
    );
    if (!this.#connected) throw this.#failure(`could not connect: ${this.#closeReason ?? ''}`, 'a connection', clause);
  }

  sendBytes(bytes: Uint8Array, chunkBytes = bytes.length): void {
    if (!(chunkBytes > 0) && bytes.length > 0) throw new HarnessFault(`chunks of ${chunkBytes} bytes cannot be sent`);
    const connection = this.#open();
    for (let at = 0; at < bytes.length; at += chunkBytes) connection.write(bytes.subarray(at, at + chunkBytes));
  }

  send(message: OutgoingMessage): Uint8Array {
    const sourceId = message.sourceId ?? this.#options.sourceId();
    this.#options.context.journal.rawNames.add(sourceId);
    const bytes = encodeFrame(
      {
        clientType: message.clientType ?? this.#options.clientType,
        messageType: message.messageType,
        messageId: message.messageId ?? this.#newMessageId(),
        sourceId,
        destId: message.destId ?? '',
      },
      message.body ?? null,
      this.#options.userIdBytesMax,
    );
    const to = message.destId ?? '';
    this.#options.context.journal.step({
      from: this.#options.label,
      to: to === '' ? SERVER_LABEL : to,
      label: `type ${message.messageType}, ${bytes.length} bytes`,
    });
    this.sendBytes(bytes);
    return bytes;
  }

  async expect(messageType: number, options: ExpectOptions = {}): Promise<SeenMessage> {
    const withinSecs = options.withinSecs ?? WITHIN_SECS_DEFAULT;
    let next = options.from ?? this.#taken;
    let found: SeenMessage | undefined;
    const look = (): boolean => {
      for (; found === undefined && next < this.received.length; next++) {
        const message = this.received[next]!;
        if (message.messageType === messageType && (options.match?.(message) ?? true)) found = message;
      }
      return found !== undefined || this.#closeReason !== undefined;
    };
    const describe = (): CheckFailed =>
      this.#failure(
        `got no message of type ${messageType}`,
        `type ${messageType} within ${withinSecs} s`,
        options.clause,
      );
    await this.#options.context.waiting.until(look, withinSecs, describe);
    if (found === undefined) throw describe();
    this.#taken = next;
    return found;
  }

  async expectClosed(options: { readonly withinSecs?: number; readonly clause?: string } = {}): Promise<string> {
    const withinSecs = options.withinSecs ?? WITHIN_SECS_DEFAULT;
    await this.#options.context.waiting.until(
      () => this.#closeReason !== undefined,
      withinSecs,
      () => this.#failure('was not closed', `a closed connection within ${withinSecs} s`, options.clause),
    );
    this.isClosed();
    return this.#closeReason ?? 'closed';
  }

  isClosed(): boolean {
    if (this.#closeReason === undefined) return false;
    // Only what somebody waits for or asks is sure to be seen before the body is over.
    this.#options.context.journal.observed.saw(this.#options.label, `connection ${this.#closeReason}`);
    return true;
  }

  pause(): void {
    this.#open().pause();
  }

  resume(): void {
    this.#open().resume();
  }

  end(): void {
    this.#connection?.end();
  }

  abort(): void {
    this.#connection?.abort();
  }

  #open(): TcpConnection {
    if (this.#connection === undefined) throw new HarnessFault(`${this.#options.label} has no connection yet`);
    return this.#connection;
  }

  #newMessageId(): number {
    this.#nextMessageId += 1;
    return this.#nextMessageId;
  }

  #see(frame: FrameView): void {
    const { journal } = this.#options.context;
    const message: SeenMessage = {
      atMicros: journal.nowMicros,
      clientType: frame.clientType,
      messageType: frame.messageType,
      messageId: frame.messageId,
      sourceId: frame.sourceId(),
      destId: frame.destId(),
      body: frame.body().slice(),
      bytes: frame.bytes().slice(),
    };
    this.received.push(message);
    this.onSeen?.(message);
    journal.step({
      from: message.sourceId === '' || message.sourceId === '_0' ? SERVER_LABEL : message.sourceId,
      to: this.#options.label,
      label: `type ${message.messageType}, ${message.bytes.length} bytes`,
    });
  }

  #failure(what: string, expected: string, clause: string | undefined): CheckFailed {
    const seen = this.received.slice(-12).map((message) => `type ${message.messageType}`);
    const facts = [
      seen.length === 0 ? 'no message' : seen.join(', '),
      ...(this.#frameError === undefined ? [] : [`then bytes that are no message: ${this.#frameError.detail}`]),
      ...(this.#closeReason === undefined ? [] : [`connection ${this.#closeReason}`]),
      ...(this.#ended && this.#closeReason === undefined ? ['the peer sent FIN'] : []),
    ];
    return new CheckFailed(`${this.#options.label} ${what}`, {
      ...(clause === undefined ? {} : { clause }),
      expected,
      actual: facts.join('; '),
    });
  }

  #changed(): void {
    this.#options.context.world.noteAsyncEdge();
    this.#options.context.journal.changed();
  }
}
