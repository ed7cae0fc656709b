/** What a client does with the server's reply to its own request: decoded, and handed to whoever waits for it. */
import type { Codec } from '../../wire/index.ts';
import { decodeNullableOrViolate, decodeOrViolate } from '../decode-body.ts';
import { settle } from '../receive.ts';
import type { Receiver } from '../receive.ts';

/** A reply that has a body. */
export const reply =
  <Value>(codec: Codec<Value>): Receiver =>
  (peer, frame) => {
    const body = decodeOrViolate(peer, frame, codec);
    if (body !== undefined) settle(peer, frame, body);
  };

/** A reply whose body may be empty: who was asked about is not online (BAS-006), or there is no such group. */
export const replyOrNothing =
  <Value>(codec: Codec<Value>): Receiver =>
  (peer, frame) => {
    const body = decodeNullableOrViolate(peer, frame, codec);
    if (body !== undefined) settle(peer, frame, body);
  };
