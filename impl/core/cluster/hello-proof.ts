/**
 * The proof that a peer of the platform server knows the cluster's secret (CLU-003).
 *
 * HMAC-SHA-256 over the nonce, purpose, ServerID and InstanceID, so that a proof fits one connection and one role only.
 */
import { equalDigests, hmacSha256, joined } from './sha256.ts';

/** What is proved. */
export type HelloClaim = {
  readonly nonce: Uint8Array;
  readonly purpose: number;
  readonly serverID: number;
  readonly instanceID: number;
};

/** Bytes of the nonce a challenge carries. */
export const NONCE_BYTES = 16;

/** The 32 bytes of the proof. @param secret - The secret's UTF-8 bytes. */
export function helloProof(secret: Uint8Array, claim: HelloClaim): Uint8Array {
  const tail = new Uint8Array(9);
  const view = new DataView(tail.buffer);
  view.setUint8(0, claim.purpose);
  view.setInt32(1, claim.serverID, true);
  view.setInt32(5, claim.instanceID, true);
  return hmacSha256(secret, joined(claim.nonce, tail));
}

/** Whether the proof is the one the secret gives. */
export function isHelloProof(secret: Uint8Array, claim: HelloClaim, proof: Uint8Array | null): boolean {
  return proof !== null && equalDigests(helloProof(secret, claim), proof);
}
