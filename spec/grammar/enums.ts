/** Enumerations that occur on the wire, by the name a field type uses. Numbers come from `spec/errors.ts`. */
import {
  ActionTypeOnChannelIsBusy,
  ActionTypeOnNoP2PChannel,
  ChannelMode,
  ClientType,
  DisconnectedType,
  FileTransDisrupttedType,
  LogonResult,
  MessageInvalidType,
  NatMapping,
  P2PCandidateKind,
  P2PInvitationKind,
  PackageType,
  PlatformCallKind,
  PlatformPurpose,
  P2PChannelMode,
  ProtocolType,
  RelogonMode,
  ServerAssignedPolicy,
  ServerControlAction,
} from '../errors.ts';

export const enums = {
  ActionTypeOnChannelIsBusy,
  ActionTypeOnNoP2PChannel,
  ChannelMode,
  ClientType,
  DisconnectedType,
  FileTransDisrupttedType,
  LogonResult,
  MessageInvalidType,
  NatMapping,
  P2PCandidateKind,
  P2PInvitationKind,
  PackageType,
  PlatformCallKind,
  PlatformPurpose,
  P2PChannelMode,
  ProtocolType,
  RelogonMode,
  ServerAssignedPolicy,
  ServerControlAction,
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The name of a value, or undefined: unknown values pass the codec (SER-008). */
export function enumValueName(enumName: string, value: number): string | undefined {
  const values = (enums as Readonly<Record<string, Readonly<Record<string, number>>>>)[enumName];
  if (values === undefined) return undefined;
  return Object.entries(values).find(([, number]) => number === value)?.[0];
}
