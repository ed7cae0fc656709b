/** The least PCP client: requests of RFC 6887 written byte by byte, answers read, and the epoch checked as section 8.5 says. */
import type { Platform } from '../../../spec/platform.ts';

/** What a server said. */
export type PcpAnswer = {
  readonly version: number;
  readonly opcode: number;
  readonly result: number;
  readonly secs: number;
  readonly epochSecs: number;
  /** Of a MAP or PEER answer. */
  readonly nonce?: number;
  readonly innerPort?: number;
  readonly externalPort?: number;
  readonly address?: string;
  readonly bytes: Uint8Array;
};

export type PcpWish = {
  readonly opcode?: 1 | 2;
  readonly protocol?: number;
  readonly innerPort: number;
  readonly externalPort?: number;
  readonly secs: number;
  readonly nonce?: number;
  readonly options?: readonly (readonly number[])[];
  /** Of PEER. */
  readonly remote?: { readonly address: string; readonly port: number };
  /** The address the client says it has; its own by default. */
  readonly client?: string;
};

const HEADER_BYTES = 24;
export const PREFER_FAILURE: readonly number[] = [2, 0, 0, 0];
export const THIRD_PARTY: readonly number[] = [1, 0, 0, 16, ...mapped('192.168.1.3')];

/** A FILTER for IPv4 addresses; the length of the prefix counts from 96. */
export function filterOption(address: string, prefixLength: number, port = 0): number[] {
  return [3, 0, 0, 20, 0, 96 + prefixLength, port >> 8, port & 255, ...mapped(address)];
}

export function mapped(address: string): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...address.split('.').map(Number)];
}

/** A socket that asks one server; answers are kept in the order they came. */
export class PcpClient {
  readonly answers: PcpAnswer[] = [];
  readonly #platform: Platform;
  readonly #send: (bytes: Uint8Array) => void;
  #last: { readonly atSecs: number; readonly epochSecs: number } | undefined = undefined;
  /** The last answer showed an epoch that does not fit the one before: mappings may be lost. */
  isEpochBroken = false;

  constructor(platform: Platform, server: string) {
    this.#platform = platform;
    const socket = platform.bindUdp({ port: 0 }, { onMessage: (bytes) => this.#take(readPcp(bytes)) });
    this.#send = (bytes) => socket.send(bytes, { address: server, port: 5_351 });
  }

  ask(wish: PcpWish): void {
    const { opcode = 1, protocol = 17, innerPort, externalPort = 0, nonce = 1, options = [], remote } = wish;
    const body = new Uint8Array(opcode === 1 ? 36 : 56);
    const view = new DataView(body.buffer);
    view.setUint32(8, nonce);
    view.setUint8(12, protocol);
    view.setUint16(16, innerPort);
    view.setUint16(18, externalPort);
    body.set(mapped('0.0.0.0'), 20);
    if (remote !== undefined && opcode === 2) {
      view.setUint16(36, remote.port);
      body.set(mapped(remote.address), 40);
    }
    const client = wish.client ?? this.#platform.localAddresses()[0]!;
    this.raw([2, opcode, 0, 0], wish.secs, client, [...body, ...options.flat()]);
  }

  announce(): void {
    this.raw([2, 0, 0, 0], 0, this.#platform.localAddresses()[0]!, []);
  }

  raw(start: readonly number[], secs: number, client: string, rest: readonly number[]): void {
    const request = new Uint8Array(HEADER_BYTES + rest.length);
    request.set(start);
    new DataView(request.buffer).setUint32(4, secs);
    request.set(mapped(client), 8);
    request.set(rest, HEADER_BYTES);
    this.#send(request);
  }

  #take(answer: PcpAnswer): void {
    this.answers.push(answer);
    const now = { atSecs: Math.floor(this.#platform.monotonicMicros() / 1_000_000), epochSecs: answer.epochSecs };
    this.isEpochBroken = this.#last !== undefined && !fits(this.#last, now);
    this.#last = now;
  }
}

type Seen = { readonly atSecs: number; readonly epochSecs: number };

/** Section 8.5, with its tolerance of a sixteenth and two seconds. */
function fits(before: Seen, now: Seen): boolean {
  if (now.epochSecs < before.epochSecs - 1) return false;
  const client = now.atSecs - before.atSecs;
  const server = now.epochSecs - before.epochSecs;
  return client + 2 >= server - Math.floor(server / 16) && server + 2 >= client - Math.floor(client / 16);
}

export function readPcp(bytes: Uint8Array): PcpAnswer {
  const view = new DataView(bytes.slice().buffer);
  // NAT-PMP has the shorter header, with the epoch where PCP has the lifetime.
  const isNatPmp = bytes.length < HEADER_BYTES;
  const head = {
    version: view.getUint8(0),
    opcode: view.getUint8(1),
    result: view.getUint8(3),
    secs: isNatPmp ? 0 : view.getUint32(4),
    epochSecs: view.getUint32(isNatPmp ? 4 : 8),
    bytes: bytes.slice(),
  };
  if (bytes.length < HEADER_BYTES + 36) return head;
  return {
    ...head,
    nonce: view.getUint32(HEADER_BYTES + 8),
    innerPort: view.getUint16(HEADER_BYTES + 16),
    externalPort: view.getUint16(HEADER_BYTES + 18),
    address: bytes.slice(HEADER_BYTES + 32, HEADER_BYTES + 36).join('.'),
  };
}
