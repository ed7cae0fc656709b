/** The arguments of broadcasts, checked, and their bodies; the same on client and server (CON-013, CON-020, CON-030). */
import { SYSTEM_ID_PREFIX } from '../../spec/limits.ts';
import type { ContractOf } from '../../spec/grammar/index.ts';
import { codecs, describeValue, LocalProtocolError, utf8Length } from '../wire/index.ts';
import type { FrameLimits } from '../wire/index.ts';
import { checkInfo, checkInformationType, checkText } from './arguments.ts';
import { checkFragmentSize } from './blob-channel.ts';
import { ActionTypeOnChannelIsBusy } from './enums.ts';

/** A GroupID follows the rules of a UserID (LIM-003). @throws LocalProtocolError `E_ARGUMENT` (CON-013) */
export function checkGroupId(groupID: string, bytesMax: number): void {
  const length = typeof groupID === 'string' ? utf8Length(groupID) : -1;
  const isFit = length >= 1 && length <= bytesMax && !groupID.startsWith(SYSTEM_ID_PREFIX);
  if (isFit) return;
  const wanted = `1 to ${bytesMax} bytes of UTF-8 that do not start with ${SYSTEM_ID_PREFIX}`;
  throw new LocalProtocolError('E_ARGUMENT', 'CON-013', `a GroupID must be ${wanted}; got ${describeValue(groupID)}`);
}

export type BroadcastArguments = {
  readonly groupID: string;
  readonly broadcastType: number;
  readonly content: Uint8Array | null;
  readonly tag: string | null;
};

/** The body of a broadcast. @throws LocalProtocolError `E_ARGUMENT` */
export function broadcastBody(
  { groupID, broadcastType, content, tag }: BroadcastArguments,
  action: ActionTypeOnChannelIsBusy,
  limits: FrameLimits,
): ContractOf<'BroadcastContract'> {
  checkGroupId(groupID, limits.userIdBytesMax);
  checkInformationType(broadcastType);
  if (!Object.values(ActionTypeOnChannelIsBusy).includes(action)) {
    const text = `the action on a busy channel must be Continue or Discard, got ${describeValue(action)}`;
    throw new LocalProtocolError('E_ARGUMENT', 'CON-025', text);
  }
  return {
    ActionTypeOnChannelIsBusy: action,
    Content: checkInfo(content),
    GroupID: groupID,
    InformationType: broadcastType,
    Tag: checkText('the tag', tag),
  };
}

/** The bytes of a broadcast blob: content and tag together. @throws LocalProtocolError `E_ARGUMENT` */
export function broadcastBlobBytes(
  { groupID, broadcastType, content, tag }: BroadcastArguments,
  fragmentSize: number,
  limits: FrameLimits,
): Uint8Array {
  checkGroupId(groupID, limits.userIdBytesMax);
  checkInformationType(broadcastType);
  checkFragmentSize(fragmentSize, limits, groupID);
  return codecs.BlobAndTagContract.encode({ Message: checkInfo(content), Tag: checkText('the tag', tag) });
}
