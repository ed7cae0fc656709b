/** What the parts of a connector share. Types only. */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { Codec, FrameLimits } from '../../wire/index.ts';

export type ConnectorWorld = {
  readonly platform: Platform;
  readonly userID: string;
  readonly clientType: number;
  readonly limits: FrameLimits;
  /** Its first port. */
  readonly p2pServer: Endpoint;
  /** Sends a P2P-room message through the server; an empty UserID is the server itself. */
  signal<Value>(userID: string, messageType: number, codec: Codec<Value>, value: Value): void;
};

/** 64 random bits, never 0. */
export function randomToken(platform: Platform): bigint {
  const token = (BigInt(platform.randomUint32()) << 32n) | BigInt(platform.randomUint32());
  return token === 0n ? 1n : token;
}
