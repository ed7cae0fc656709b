/** The least NAT-PMP client: one request, one response, read as RFC 6886 section 3 has it. */
import type { Platform } from '../../../spec/platform.ts';

/** What a gateway said. */
export type NatPmpAnswer = {
  readonly version: number;
  readonly opcode: number;
  readonly result: number;
  readonly epochSecs: number;
  /** Of an address answer. */
  readonly address?: string;
  /** Of a mapping answer. */
  readonly innerPort?: number;
  readonly externalPort?: number;
  readonly secs?: number;
};

const SERVER_PORT = 5_351;

/** A socket that asks one gateway; answers are kept in the order they came. */
export class NatPmpClient {
  readonly answers: NatPmpAnswer[] = [];
  readonly #send: (bytes: Uint8Array) => void;

  constructor(platform: Platform, gateway: string) {
    const onMessage = (bytes: Uint8Array): unknown => this.answers.push(readNatPmp(bytes));
    const socket = platform.bindUdp({ port: 0 }, { onMessage });
    this.#send = (bytes) => socket.send(bytes, { address: gateway, port: SERVER_PORT });
  }

  askAddress(): void {
    this.#send(Uint8Array.of(0, 0));
  }

  askPort(protocol: 'udp' | 'tcp', innerPort: number, externalPort: number, secs: number): void {
    const request = new Uint8Array(12);
    const view = new DataView(request.buffer);
    view.setUint8(1, protocol === 'udp' ? 1 : 2);
    view.setUint16(4, innerPort);
    view.setUint16(6, externalPort);
    view.setUint32(8, secs);
    this.#send(request);
  }

  /** Any bytes at all. */
  raw(...bytes: number[]): void {
    this.#send(Uint8Array.from(bytes));
  }
}

export function readNatPmp(bytes: Uint8Array): NatPmpAnswer {
  const view = new DataView(bytes.slice().buffer);
  const head = {
    version: view.getUint8(0),
    opcode: view.getUint8(1),
    result: view.getUint16(2),
    epochSecs: view.getUint32(4),
  };
  if (bytes.length === 12) return { ...head, address: bytes.slice(8, 12).join('.') };
  if (bytes.length < 16) return head;
  return { ...head, innerPort: view.getUint16(8), externalPort: view.getUint16(10), secs: view.getUint32(12) };
}
