/**
 * Handing broadcasts to the members of a group: one message a member, the broadcaster left out (CON-021, CON-024, CON-032).
 *
 * It knows neither events nor arguments; callers do.
 */
import { encodeFrame } from '../../../wire/index.ts';
import type { FrameLimits } from '../../../wire/index.ts';
import { ActionTypeOnChannelIsBusy } from '../../enums.ts';
import type { Delivery } from '../delivery.ts';

/** What goes to each member, besides the destination. */
export type BroadcastFrame = {
  readonly clientType: number;
  readonly messageType: number;
  readonly messageId: number;
  readonly sourceId: string;
  readonly body: Uint8Array;
};

export type BroadcastWorld = { readonly limits: FrameLimits; readonly delivery: Delivery };

/** @returns the members who were offline. */
export function broadcastTo(
  members: Iterable<string>,
  frame: BroadcastFrame,
  action: number,
  world: BroadcastWorld,
): readonly string[] {
  const { delivery, limits } = world;
  const { body, ...header } = frame;
  const discardWhenBusy = action === ActionTypeOnChannelIsBusy.Discard;
  const offline: string[] = [];
  for (const destId of members) {
    if (destId === frame.sourceId) continue;
    // Asked first: the name of somebody who was never here may not even fit a header.
    const isOnline = delivery.isOnline(destId);
    if (isOnline) {
      const bytes = encodeFrame({ destId, ...header }, body, limits.userIdBytesMax);
      if (delivery.deliver(destId, bytes, discardWhenBusy) !== 'offline') continue;
    }
    offline.push(destId);
  }
  return offline;
}
