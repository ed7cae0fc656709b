/**
 * One TCP connection: its control block, and the calls of the application.
 *
 * The fields are the variables of RFC 9293 section 3.3.1 and RFC 5681; `input.ts`, `output.ts`, `timers.ts` and
 * `congestion.ts` work on them. Sequence numbers are signed 32-bit integers and compared by their difference. All news for
 * the application passes through `tellApplication`, in order, and waits there while the application or its whole process is
 * paused.
 */
import type { Endpoint, KeepAliveOptions, TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import type { Address } from '../address.ts';
import { shown } from '../ipv6/binding.ts';
import { checkInteger } from '../errors.ts';
import type { EventTarget } from '../event-queue.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import { sendOutput, sendReset, sendWindowUpdate } from './output.ts';
import type { CubicState } from './cubic.ts';
import type { Rack } from './rack.ts';
import type { Reassembly } from './reassembly.ts';
import type { SackBlocks } from './sack-blocks.ts';
import type { Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';
import type { TcpListenerSocket } from './listener.ts';
import type { TcpStack } from './stack.ts';
import { TCP_MOVES, TCP_STATE } from './states.ts';
import type { TcpMove, TcpState } from './states.ts';
import { rearm } from './deadlines.ts';
import { onTimer } from './timers.ts';

/** A connection and its control block. */
export class TcpSocket implements TcpConnection, EventTarget {
  readonly stack: TcpStack;
  readonly localAddress: Address;
  readonly localPort: number;
  readonly remoteAddress: Address;
  readonly remotePort: number;
  /** The next socket of the same hash bucket in the stack's table. */
  nextInBucket: TcpSocket | undefined = undefined;
  state: TcpState = TCP_STATE.closed;

  // Sending. Everything from sendUnacknowledged on is in sendBuffer.
  initialSend = 0;
  sendUnacknowledged = 0;
  sendNext = 0;
  /** One after the highest sequence number ever sent. */
  sendMax = 0;
  /** A window probe is out, whose byte the peer may acknowledge though sendMax does not cover it. */
  isProbing = false;
  sendWindow = 0;
  sendWindowMax = 0;
  sendWindowSequence = 0;
  sendWindowAcknowledgment = 0;
  sendShift = 0;
  segmentSizeMax = 536;
  sendBuffer: SendBuffer | undefined = undefined;
  isFinQueued = false;
  hasQueued = false;
  /** Nagle's algorithm is off. */
  isNoDelay: boolean;
  /** One after the last segment sent that was not full. */
  smallSegmentEnd = 0;
  /** Exists when both ends permitted selective acknowledgments. */
  scoreboard: Scoreboard | undefined = undefined;
  /** Exists beside it when the host finds losses by time. */
  rack: Rack | undefined = undefined;

  // Receiving.
  initialReceive = 0;
  receiveNext = 0;
  /** The right edge of the window the peer was told of. */
  receiveEdge = 0;
  receiveShift = 0;
  receiveQueue: Uint8Array[] | undefined = undefined;
  receiveQueuedBytes = 0;
  reassembly: Reassembly | undefined = undefined;
  /** What arrived out of order, for the SACK option. */
  sackBlocks: SackBlocks | undefined = undefined;
  isFinReceived = false;
  /** Data segments not acknowledged yet, when acknowledgments are delayed. */
  unacknowledgedSegments = 0;
  /** An acknowledgment is due when the segment at hand has been worked on. */
  isAckDue = false;

  // Explicit congestion notification (RFC 3168).
  isEcnUsed = false;
  /** A mark has come and the sender has not yet said that it reacted. */
  isCongestionSeen = false;
  /** The next new data carries CWR. */
  isWindowReducedDue = false;
  /** The window was reduced for an echo when this was the next sequence number. */
  reducedSequence = 0;

  // Congestion control (RFC 5681, RFC 6582) and round trip times (RFC 6298).
  cubic: CubicState | undefined = undefined;
  congestionWindow = 0;
  slowStartThreshold = 0x7fff_ffff;
  duplicateAcks = 0;
  isRecovering = false;
  recoverSequence = 0;
  smoothedRttMicros = 0;
  rttVarianceMicros = 0;
  rtoMicros: number;
  backoff = 0;
  isTimingRtt = false;
  timedSequence = 0;
  timedAtMicros = 0;

  // Timers: one event for the earliest of four deadlines.
  timerSlot = -1;
  timerAtMicros = Infinity;
  retransmitAtMicros = Infinity;
  ackAtMicros = Infinity;
  keepAliveAtMicros = Infinity;
  /** Connect timeout, FIN-WAIT-2 limit, or the end of TIME-WAIT. */
  lifeAtMicros = Infinity;
  /** Since when something of ours has been waiting for an answer without progress; Infinity between window probes. */
  unansweredSinceMicros = 0;
  keepAlive: KeepAliveOptions | undefined = undefined;
  keepAliveProbes = 0;
  heardAtMicros = 0;
  /** Before that time a bare segment that does not fit is not answered. */
  challengeableAtMicros = 0;

  // The application.
  handlers: TcpHandlers | undefined;
  /** The listener this connection waits to be accepted by. */
  listener: TcpListenerSocket | undefined = undefined;
  isConnectedDue = false;
  isEndTold = false;
  isDrainDue = false;
  isPausedByApplication = false;
  isTelling = false;
  /** The application has closed it and cannot read any more. */
  isOrphan = false;
  /** What an ICMP error said about the running connection: the reason to give if it times out (RFC 5461). */
  softError: string | undefined = undefined;
  /** Its owner thinks in IPv6, though the connection is of IPv4: addresses read `::ffff:192.0.2.1`. */
  isMapped = false;
  closeReason: TcpCloseReason | undefined = undefined;
  closeDetail: string | undefined = undefined;

  constructor(
    stack: TcpStack,
    local: readonly [Address, number],
    remote: readonly [Address, number],
    handlers?: TcpHandlers,
  ) {
    this.stack = stack;
    this.localAddress = local[0];
    this.localPort = local[1];
    this.remoteAddress = remote[0];
    this.remotePort = remote[1];
    this.handlers = handlers;
    this.rtoMicros = stack.options.rtoInitialMicros;
    this.isNoDelay = !stack.options.nagle;
  }

  get local(): Endpoint {
    return { address: shown(this.localAddress, this.isMapped), port: this.localPort };
  }

  get remote(): Endpoint {
    return { address: shown(this.remoteAddress, this.isMapped), port: this.remotePort };
  }

  get queuedBytes(): number {
    const held = this.sendBuffer?.length ?? 0;
    if (this.state <= TCP_STATE.synReceived) return held;
    return Math.max(0, held - this.stack.options.sendBufferBytes);
  }

  write(bytes: Uint8Array): void {
    if (!this.isFinQueued && this.closeReason === undefined) this.writeUnchanging(new Uint8Array(bytes));
  }

  writeUnchanging(bytes: Uint8Array): void {
    if (this.isFinQueued || this.closeReason !== undefined || bytes.length === 0) return;
    (this.sendBuffer ??= new SendBuffer()).append(bytes);
    if (this.queuedBytes > 0) this.hasQueued = true;
    sendOutput(this);
  }

  pause(): void {
    this.isPausedByApplication = true;
  }

  resume(): void {
    if (!this.isPausedByApplication) return;
    this.isPausedByApplication = false;
    // What waits comes in an event of its own, never inside this call.
    this.stack.tellSoon(this);
  }

  end(): void {
    if (this.isFinQueued || this.closeReason !== undefined) return;
    this.isFinQueued = true;
    sendOutput(this);
  }

  /**
   * What the system call `close` does, both directions at once: what is queued is sent, then FIN; but when received bytes
   * were not read, or more arrive, they are lost and the peer is told so by RST (RFC 9293 section 3.6.1, RFC 2525 2.17).
   */
  close(): void {
    if (this.closeReason !== undefined) return;
    if (this.state <= TCP_STATE.synReceived || this.receiveQueuedBytes > 0) {
      this.abort();
      return;
    }
    this.isOrphan = true;
    this.end();
    this.closing('closed');
    if (this.handlers !== undefined) this.#tellClosed(this.handlers);
  }

  abort(): void {
    if (this.closeReason !== undefined) return;
    if (this.state >= TCP_STATE.synReceived && this.state !== TCP_STATE.timeWait) sendReset(this);
    this.finish('aborted');
    // The port promises the last call before `abort` returns, even from inside another handler.
    if (this.handlers !== undefined) this.#tellClosed(this.handlers);
  }

  /** As if a middlebox had reset it: the peer gets RST, and the application is told of one. */
  resetByNetwork(): void {
    if (this.closeReason !== undefined) return;
    if (this.state >= TCP_STATE.synReceived && this.state !== TCP_STATE.timeWait) sendReset(this);
    this.finish('reset');
  }

  /** Switches Nagle's algorithm off (true) or on, as the socket option TCP_NODELAY does. */
  setNoDelay(isNoDelay: boolean): void {
    this.isNoDelay = isNoDelay;
    if (isNoDelay && this.closeReason === undefined) sendOutput(this);
  }

  setKeepAlive(options: KeepAliveOptions): void {
    checkInteger('idleMicros', options.idleMicros, 1, Number.MAX_SAFE_INTEGER);
    checkInteger('intervalMicros', options.intervalMicros, 1, Number.MAX_SAFE_INTEGER);
    if (this.closeReason !== undefined) return;
    this.keepAlive = options;
    this.keepAliveProbes = 0;
    this.keepAliveAtMicros = this.stack.world.nowMicros + options.idleMicros;
    rearm(this);
  }

  onEvent(): void {
    this.timerSlot = -1;
    this.timerAtMicros = Infinity;
    // Planned anew when the machine wakes up.
    if (!this.stack.host.isAsleep) onTimer(this);
  }

  /** Follows the state table. */
  move(move: TcpMove): void {
    const to = TCP_MOVES[this.state]![move];
    if (to !== undefined) this.enter(to);
  }

  enter(to: TcpState): void {
    const { host } = this.stack;
    host.world.trace.record(
      TRACE_KIND.tcpState,
      host.subject,
      (this.localPort << 16) | this.remotePort,
      this.state,
      to,
      0,
    );
    this.state = to;
  }

  /** The connection is over as far as the network goes: forget it and say why. */
  finish(reason: TcpCloseReason, detail?: string): void {
    if (this.state !== TCP_STATE.closed) this.enter(TCP_STATE.closed);
    this.stack.forget(this);
    this.#clearTimers();
    this.sendBuffer = undefined;
    this.reassembly = undefined;
    if (reason !== 'closed') {
      // A connection that broke takes unread data with it.
      this.receiveQueue = undefined;
      this.receiveQueuedBytes = 0;
      this.isFinReceived = false;
    }
    this.closing(reason, detail);
  }

  /** The application's part is over, though TIME-WAIT may go on. */
  closing(reason: TcpCloseReason, detail?: string): void {
    if (this.closeReason === undefined) {
      this.closeReason = reason;
      this.closeDetail = detail;
    }
    this.tellApplication();
  }

  /** Hands everything that is due to the handlers, in order: accept, connected, data, end, drain, closed. */
  tellApplication(): void {
    if (this.isTelling) return;
    if (this.stack.host.isPaused) {
      this.stack.tellOnResume(this);
      return;
    }
    this.isTelling = true;
    if (this.listener !== undefined && this.state >= TCP_STATE.established) this.#accept();
    if (this.handlers !== undefined) this.#tell(this.handlers);
    this.isTelling = false;
  }

  /** Takes bytes that are next in order: to the application, or into the queue while that cannot read. */
  deliver(bytes: Uint8Array): void {
    const { host, pieceBytesMax } = this.stack;
    if (bytes.length > pieceBytesMax) {
      this.deliverAll([bytes]);
      return;
    }
    if (this.receiveQueue === undefined && this.handlers !== undefined && !this.#mustWait(host.isPaused)) {
      const lent = host.lender.lend(bytes);
      this.isTelling = true;
      this.handlers.onData(lent);
      this.isTelling = false;
      host.lender.takeBack(lent);
      return;
    }
    this.deliverAll([bytes]);
  }

  /** The same for several pieces, through the queue, so that the window counts what a handler has not seen yet. */
  deliverAll(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0) return;
    const queue = (this.receiveQueue ??= []);
    const { pieceBytesMax } = this.stack;
    for (const bytes of pieces) {
      if (bytes.length <= pieceBytesMax) queue.push(bytes);
      else for (let at = 0; at < bytes.length; at += pieceBytesMax) queue.push(bytes.subarray(at, at + pieceBytesMax));
      this.receiveQueuedBytes += bytes.length;
    }
    this.tellApplication();
  }

  /** Crash: no timers, no handlers, no word to anybody. */
  vanish(): void {
    this.#clearTimers();
    this.state = TCP_STATE.closed;
    this.handlers = undefined;
    this.listener = undefined;
    this.sendBuffer = undefined;
    this.receiveQueue = undefined;
    this.reassembly = undefined;
    this.closeReason = 'localError';
  }

  #mustWait(isHostPaused: boolean): boolean {
    return isHostPaused || this.isPausedByApplication || this.isTelling || this.isConnectedDue;
  }

  #accept(): void {
    const listener = this.listener!;
    this.listener = undefined;
    this.handlers = listener.accept(this);
  }

  /** Any of these calls may abort the connection or crash the host; then nothing more is told. */
  #tell(handlers: TcpHandlers): void {
    if (this.isConnectedDue) {
      this.isConnectedDue = false;
      handlers.onConnected?.();
    }
    if (this.receiveQueue !== undefined) this.#deliverQueue(handlers);
    const isDrained = this.receiveQueue === undefined && !this.isPausedByApplication;
    if (this.handlers !== undefined && isDrained && this.isFinReceived && !this.isEndTold) {
      this.isEndTold = true;
      handlers.onEnd?.();
    }
    if (this.handlers !== undefined && this.isDrainDue) {
      this.isDrainDue = false;
      if (this.closeReason === undefined) handlers.onDrain?.();
    }
    if (this.handlers === undefined || this.closeReason === undefined || this.receiveQueue !== undefined) return;
    if (this.isFinReceived && !this.isEndTold) return;
    this.#tellClosed(handlers);
  }

  #tellClosed(handlers: TcpHandlers): void {
    this.handlers = undefined;
    this.stack.openCount -= 1;
    handlers.onClosed(this.closeReason!, this.closeDetail);
  }

  #deliverQueue(handlers: TcpHandlers): void {
    const { lender } = this.stack.host;
    while (this.receiveQueue !== undefined && !this.isPausedByApplication) {
      const bytes = this.receiveQueue.shift()!;
      if (this.receiveQueue.length === 0) this.receiveQueue = undefined;
      this.receiveQueuedBytes -= bytes.length;
      const lent = lender.lend(bytes);
      handlers.onData(lent);
      lender.takeBack(lent);
    }
    if (this.state !== TCP_STATE.closed) sendWindowUpdate(this);
  }

  #clearTimers(): void {
    if (this.timerSlot >= 0) this.stack.world.cancel(this.timerSlot);
    this.timerSlot = -1;
    this.timerAtMicros = Infinity;
    this.retransmitAtMicros = Infinity;
    this.ackAtMicros = Infinity;
    this.keepAliveAtMicros = Infinity;
    this.lifeAtMicros = Infinity;
  }
}
