/**
 * One UDP socket of the connector: measures its own public endpoint, and sorts what comes in by attempt and link.
 *
 * Punching datagrams go by token, discovery answers to the measurement under way, reliable UDP by source, its handshake by
 * token. It decides nothing about ways.
 */
import { rudpDatagrams } from '../../../spec/grammar/rudp-datagrams.ts';
import type { Endpoint, Platform, UdpSocket } from '../../../spec/platform.ts';
import { Discovery, endpointKey } from '../../core/punching/index.ts';
import type { DiscoveryOptions, DiscoveryResult } from '../../core/punching/index.ts';
import { isRudpDatagram } from '../../core/rudp/index.ts';
import { decodePunchingDatagram, isPunchingDatagram } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import type { RudpLink } from './rudp-link.ts';

/** What an attempt is told. */
export type PunchReceiver = {
  handleProbe(from: Endpoint, number: number): void;
  handleAck(from: Endpoint, number: number): void;
  /** A handshake datagram of reliable UDP with the attempt's token. */
  handleHandshake(from: Endpoint, bytes: Uint8Array): void;
};

type Measurement = { readonly machine: Discovery; readonly alarm: Alarm; readonly done: MeasurementDone };
type MeasurementDone = (result: DiscoveryResult | undefined) => void;

/** Where a handshake datagram of reliable UDP has its token, by the grammar. */
const TOKEN_AT = 2;
const TOKEN_END = 10;
const HANDSHAKE_KINDS: readonly number[] = ['Syn', 'SynAck', 'Confirm'].map(
  (name) => rudpDatagrams.find((each) => each.name === name)!.kind,
);

function isHandshake(bytes: Uint8Array): boolean {
  return bytes.length >= TOKEN_END && HANDSHAKE_KINDS.includes(bytes[0]!);
}

/** A bound socket; `onReady` comes once it is, never when it cannot be bound. */
export class PunchSocket {
  readonly #platform: Platform;
  readonly #socket: UdpSocket;
  readonly #attempts = new Map<bigint, PunchReceiver>();
  readonly #links = new Map<string, Set<RudpLink>>();
  #measurement: Measurement | undefined;
  #isClosed = false;

  constructor(platform: Platform, handlers: { readonly onReady: () => void; readonly onUnusable: () => void }) {
    this.#platform = platform;
    let isReady = false;
    this.#socket = platform.bindUdp(
      { port: 0 },
      {
        onListening: () => {
          isReady = true;
          if (!this.#isClosed) handlers.onReady();
        },
        onMessage: (bytes, from) => this.#receive(bytes, from),
        onError: (code, detail) => {
          platform.log('debug', `the UDP socket of direct channels: ${code} ${detail}`);
          if (!isReady && !this.#isClosed) handlers.onUnusable();
        },
      },
    );
  }

  /** The bound port; the address is not of use when all are bound. */
  get port(): number {
    return this.#socket.local.port;
  }

  get isIdle(): boolean {
    return this.#links.size === 0;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (!this.#isClosed) this.#socket.send(bytes, to);
  }

  /** Asks a P2P server how this socket looks from outside; one measurement at a time, the last one counts. */
  measure(options: DiscoveryOptions, done: MeasurementDone): void {
    this.#measurement?.alarm.clear();
    const nowMicros = this.#platform.monotonicMicros();
    const machine = new Discovery(nowMicros, options);
    const alarm = new Alarm(this.#platform, (dueMicros) => {
      machine.handleTimer(dueMicros);
      this.#pump();
    });
    this.#measurement = { machine, alarm, done };
    this.#pump();
  }

  addAttempt(token: bigint, receiver: PunchReceiver): void {
    this.#attempts.set(token, receiver);
  }

  removeAttempt(token: bigint): void {
    this.#attempts.delete(token);
  }

  /** Datagrams of reliable UDP from this endpoint go to the link. */
  addLink(remote: Endpoint, link: RudpLink): void {
    const key = endpointKey(remote);
    const links = this.#links.get(key) ?? new Set<RudpLink>();
    links.add(link);
    this.#links.set(key, links);
  }

  removeLink(link: RudpLink): void {
    for (const [key, links] of this.#links) {
      if (links.delete(link) && links.size === 0) this.#links.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#measurement?.alarm.clear();
    this.#measurement = undefined;
    this.#socket.close();
    const left = new Set([...this.#links.values()].flatMap((links) => [...links]));
    this.#links.clear();
    for (const link of left) link.release();
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (isPunchingDatagram(bytes)) this.#receivePunching(bytes, from);
    else if (isRudpDatagram(bytes)) this.#receiveReliable(bytes, from);
  }

  #receivePunching(bytes: Uint8Array, from: Endpoint): void {
    const datagram = decodePunchingDatagram(bytes);
    switch (datagram?.kind) {
      case 'DiscoverResponse':
        this.#measurement?.machine.handleAnswer(this.#platform.monotonicMicros(), from, datagram.message);
        this.#pump();
        break;
      case 'Probe':
        this.#attempts.get(datagram.token)?.handleProbe(from, datagram.number);
        break;
      case 'ProbeAck':
        this.#attempts.get(datagram.token)?.handleAck(from, datagram.number);
        break;
      case 'DiscoverRequest':
      case undefined:
    }
  }

  #receiveReliable(bytes: Uint8Array, from: Endpoint): void {
    if (isHandshake(bytes)) {
      const token = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(TOKEN_AT, true);
      this.#attempts.get(token)?.handleHandshake(from, bytes);
      return;
    }
    const links = this.#links.get(endpointKey(from));
    if (links !== undefined) for (const link of [...links]) link.handleDatagram(bytes);
  }

  #pump(): void {
    const measurement = this.#measurement;
    if (measurement === undefined) return;
    for (;;) {
      const output = measurement.machine.poll();
      if (output.kind === 'datagram') this.send(output.bytes, output.to);
      else if (output.kind === 'wait') {
        measurement.alarm.aim(output.untilMicros);
        return;
      } else {
        this.#measurement = undefined;
        measurement.alarm.clear();
        measurement.done(output.result);
        return;
      }
    }
  }
}
