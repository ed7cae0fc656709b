/**
 * The manual's enumerations as constant objects, with the manual's numbers.
 *
 * They are plain numbers on the wire and in the API; a type of the same name gives the union of the values.
 */

/** What a logon ended with. {@link RapidPassiveEngine.initialize} */
export const LogonResult = { Succeed: 0, Failed: 1, HadLoggedOn: 2, VersionMismatched: 3 } as const;
export type LogonResult = (typeof LogonResult)[keyof typeof LogonResult];

/** Why a user is no longer on the server. USR-002 */
export const DisconnectedType = {
  NetworkInterrupted: 0,
  InvalidMessage: 1,
  MessageWithWrongUserID: 2,
  HeartBeatTimeout: 3,
  BeingPushedOut: 4,
  NewConnectionIgnored: 5,
  ChannelCacheOverflow: 6,
  UnauthorizedClientType: 7,
  MaxConnectionCountLimitted: 8,
} as const;
export type DisconnectedType = (typeof DisconnectedType)[keyof typeof DisconnectedType];

/** What the server does with a second logon of one UserID. REL-002 */
export const RelogonMode = { IgnoreNew: 0, ReplaceOld: 1 } as const;
export type RelogonMode = (typeof RelogonMode)[keyof typeof RelogonMode];

/** The sender's kind, one byte of every header. FRM-005 */
export const ClientType = {
  DotNET: 0,
  Silverlight: 1,
  WindowsPhone: 2,
  WebSocket: 3,
  IOS: 4,
  Android: 5,
  Xamarin: 6,
  WebSocket_SSL: 7,
  Others: 8,
} as const;
export type ClientType = (typeof ClientType)[keyof typeof ClientType];

/** What a send does while bytes are queued on the channel. CUS-010 */
export const ActionTypeOnChannelIsBusy = { Continue: 0, Discard: 1 } as const;
export type ActionTypeOnChannelIsBusy = (typeof ActionTypeOnChannelIsBusy)[keyof typeof ActionTypeOnChannelIsBusy];

/** The five ways a received message can be invalid. SEC-002 */
export type MessageInvalidType =
  'MessageSizeOverflow' | 'InvalidHeader' | 'InvalidToken' | 'DataLacked' | 'InvalidClientType';
