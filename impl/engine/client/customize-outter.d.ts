/** The client's customizeOutter: information, queries, ACKs, blobs, to the server or through it (CUS, QRY, ACK, BLB). */
import type { Platform } from '../../../spec/platform.ts';
import type { CallbackHandler, CustomizeOutter, ResultHandler } from '../api.ts';
import { ActionTypeOnChannelIsBusy } from '../enums.ts';
import type { TaggedMessage } from '../send-blob.ts';
import type { ClientLink } from './client-link.ts';
type Bytes = Uint8Array | null;
export declare class PassiveCustomizeOutter implements CustomizeOutter {
  #private;
  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, link: () => ClientLink);
  send(informationType: number, info: Bytes): boolean;
  send(
    target: string | null,
    informationType: number,
    info: Bytes,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
  ): boolean;
  transferByServer(target: string, informationType: number, info: Bytes): void;
  sendCertainly(
    target: string | null,
    informationType: number,
    info: Bytes,
    handler?: ResultHandler,
    tag?: unknown,
  ): Promise<void>;
  query(informationType: number, info: Bytes): Promise<Bytes>;
  query(
    target: string | null,
    informationType: number,
    info: Bytes,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Bytes>;
  /** The blob's bytes are read while it is under way: they must not change before the promise has settled. */
  sendBlob(target: string | null, informationType: number, blob: Bytes, fragmentSize: number): Promise<void>;
  /** The engine's sendMessage. */
  sendMessage(target: string | null, message: TaggedMessage): Promise<void>;
}
export {};
