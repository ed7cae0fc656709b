/**
 * Whether a TCP segment fits into the windows that a NAT has seen: the four bounds of "Real Stateful TCP Packet Filtering in
 * IP Filter" (van Rooij, 2000), as connection tracking uses them, and a RST only from where the other side has acknowledged to.
 *
 * It judges segments of one session and remembers what each side may send; what becomes of a misfit is the NAT's business.
 */
import { TCP_FLAG, isSyn } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { Mapping } from './mapping.ts';

/** What one side has sent and may send. Sequence numbers are signed 32-bit integers and wrap. */
type Side = {
  /** One after the highest sequence number sent; undefined before the first segment. */
  end: number | undefined;
  /** One after the highest that the other side's window allows. */
  endMax: number;
  /** The largest window told, scaled. */
  windowMax: number;
  /** -1 as long as no SYN has told one. */
  shift: number;
  /** The highest acknowledgment sent, once there was one. */
  acknowledged: number | undefined;
};

/** An acknowledgment may lag so far behind, whatever the window. */
const LAG_BYTES_MIN = 66_000;

/** The two windows of one session. */
class TcpWindow {
  readonly #inner: Side = newSide();
  readonly #outer: Side = newSide();
  /** It began in the middle, without a SYN: nothing can be told. */
  #isBlind = false;

  /** True when the segment fits, and is then part of what was seen. */
  take(packet: Readonly<Packet>, isOutbound: boolean): boolean {
    const [sender, receiver] = isOutbound ? [this.#inner, this.#outer] : [this.#outer, this.#inner];
    const hasSyn = (packet.flags & TCP_FLAG.syn) !== 0;
    const isReset = (packet.flags & TCP_FLAG.rst) !== 0;
    const hasAck = (packet.flags & TCP_FLAG.ack) !== 0;
    const length = packet.payload.length + (hasSyn ? 1 : 0) + ((packet.flags & TCP_FLAG.fin) === 0 ? 0 : 1);
    if (sender.end === undefined && receiver.end === undefined && !hasSyn && !isReset) this.#isBlind = true;
    if (this.#isBlind) return true;
    if (sender.end === undefined) return begin(sender, receiver, packet, length);
    const { sequence } = packet;
    const end = (sequence + length) | 0;
    const acknowledgment = hasAck ? packet.acknowledgment : (receiver.end ?? packet.acknowledgment);
    if (!fits(sender, receiver, { sequence, end, acknowledgment })) return false;
    if (isReset && receiver.acknowledged !== undefined && isBefore(sequence, receiver.acknowledged)) return false;
    note(sender, receiver, { packet, end, acknowledgment, hasSyn, hasAck });
    return true;
  }
}

/** The windows of all sessions of a table; they go with their mappings. A SYN from inside begins a session that is over anew. */
export class TcpWindows {
  readonly #byMapping = new WeakMap<Mapping, Map<string, TcpWindow>>();

  /** The same as of one window. */
  take(mapping: Mapping, packet: Readonly<Packet>, isOutbound: boolean): boolean {
    const [address, port] = isOutbound
      ? [packet.destination, packet.destinationPort]
      : [packet.source, packet.sourcePort];
    let windows = this.#byMapping.get(mapping);
    if (windows === undefined) this.#byMapping.set(mapping, (windows = new Map<string, TcpWindow>()));
    const key = `${address} ${port}`;
    const session = mapping.sessions.get(address, port);
    const isOver = session === undefined || session.reset || (session.finIn && session.finOut);
    const isFirst = isSyn(packet) && isOver;
    let window = windows.get(key);
    if (window === undefined || isFirst) windows.set(key, (window = new TcpWindow()));
    return window.take(packet, isOutbound);
  }
}

function newSide(): Side {
  return { end: undefined, endMax: 0, windowMax: 1, shift: -1, acknowledged: undefined };
}

/** The first segment of a side: nothing is known of its numbers but what it says. Its acknowledgment must fit all the same. */
function begin(sender: Side, receiver: Side, packet: Readonly<Packet>, length: number): boolean {
  const hasAck = (packet.flags & TCP_FLAG.ack) !== 0;
  // What answers a SYN must acknowledge exactly that SYN; a RST begins nothing.
  if (hasAck && receiver.end !== undefined && packet.acknowledgment !== receiver.end) return false;
  if ((packet.flags & TCP_FLAG.rst) !== 0) return true;
  sender.end = (packet.sequence + length) | 0;
  sender.endMax = sender.end;
  sender.windowMax = Math.max(1, packet.window);
  sender.shift = packet.windowShift;
  if (hasAck) {
    sender.acknowledged = packet.acknowledgment;
    widen(receiver, packet.acknowledgment, packet.window);
  }
  return true;
}

type Span = { readonly sequence: number; readonly end: number; readonly acknowledgment: number };

function fits(sender: Side, receiver: Side, { sequence, end, acknowledgment }: Span): boolean {
  const lagBytes = Math.max(sender.windowMax, LAG_BYTES_MIN);
  const isBelowEnd = !isBefore(sender.endMax, sequence);
  const isAboveStart = !isBefore(end, (sender.end! - receiver.windowMax) | 0);
  if (receiver.end === undefined) return isBelowEnd && isAboveStart;
  const isOfSent = !isBefore(receiver.end, acknowledgment);
  const isRecent = !isBefore(acknowledgment, (receiver.end - lagBytes) | 0);
  return isBelowEnd && isAboveStart && isOfSent && isRecent;
}

type Fitting = {
  readonly packet: Readonly<Packet>;
  readonly end: number;
  readonly acknowledgment: number;
  readonly hasSyn: boolean;
  readonly hasAck: boolean;
};

function note(sender: Side, receiver: Side, { packet, end, acknowledgment, hasSyn, hasAck }: Fitting): void {
  if (hasSyn) sender.shift = packet.windowShift;
  const isScaled = !hasSyn && sender.shift >= 0 && receiver.shift >= 0;
  const window = isScaled ? packet.window * 2 ** sender.shift : packet.window;
  sender.windowMax = Math.max(sender.windowMax, window);
  if (isBefore(sender.end!, end)) sender.end = end;
  if (isBefore(sender.endMax, end)) sender.endMax = end;
  if (!hasAck) return;
  if (sender.acknowledged === undefined || isBefore(sender.acknowledged, acknowledgment)) {
    sender.acknowledged = acknowledgment;
  }
  widen(receiver, acknowledgment, window);
}

/** The other side may send up to the end of our window; into a closed one it may send a single byte. */
function widen(receiver: Side, acknowledgment: number, window: number): void {
  const endMax = (acknowledgment + Math.max(1, window)) | 0;
  if (receiver.end !== undefined && isBefore(receiver.endMax, endMax)) receiver.endMax = endMax;
}

function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
