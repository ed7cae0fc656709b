/** One request of a client to the server whose reply has the same type (FRM-012). */
import { SERVER_ID } from '../../../spec/limits.ts';
import type { Codec } from '../../wire/index.ts';
import { promised } from '../callbacks.ts';
import type { ClientLink } from './client-link.ts';

/** @param answer - Makes the caller's answer of the decoded body of the reply. Rejects as QRY-004 and RCN-006 say. */
export function askServer<Value, Answer>(
  link: () => ClientLink,
  request: { readonly messageType: number; readonly codec: Codec<Value> | null; readonly value: Value | null },
  answer: (body: unknown) => Answer,
): Promise<Answer> {
  return promised(() => {
    const online = link();
    const { codec, messageType, value } = request;
    return online.requests.ask({
      asked: SERVER_ID,
      expects: messageType,
      send: (messageId) => online.post({ messageType, messageId, destId: '' }, codec, value),
      answer,
    });
  });
}
