/** The proof of a hello, made with another implementation than the engine's: node:crypto, by the words of CLU-003. */
import { createHmac } from 'node:crypto';

export const PURPOSE = { Application: 0, Transfer: 1, Outside: 2, Lookup: 3 } as const;

/** For a peer from outside: ServerID -1, InstanceID 0. */
export function proofFor(secret: string, nonce: Uint8Array, purpose: number): Uint8Array {
  const tail = Buffer.alloc(9);
  tail.writeUInt8(purpose, 0);
  tail.writeInt32LE(-1, 1);
  tail.writeInt32LE(0, 5);
  return new Uint8Array(createHmac('sha256', secret).update(nonce).update(tail).digest());
}
