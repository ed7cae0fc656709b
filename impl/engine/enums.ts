/**
 * The manual's enumerations under the manual's names, with a type of the same name for the union of the numbers.
 *
 * The numbers themselves stand in `spec/errors.ts`.
 */
import * as numbers from '../../spec/errors.ts';

/** What a logon ended with. LOG-003 */
export const LogonResult = numbers.LogonResult;
export type LogonResult = numbers.LogonResultValue;

/** Why a user is no longer on the server. USR-002 */
export const DisconnectedType = numbers.DisconnectedType;
export type DisconnectedType = numbers.DisconnectedTypeValue;

/** The sender's kind, one byte of every header. FRM-005 */
export const ClientType = numbers.ClientType;
export type ClientType = numbers.ClientTypeValue;

/** What the server does with a second logon of one UserID. REL-002 */
export const RelogonMode = numbers.RelogonMode;
export type RelogonMode = (typeof RelogonMode)[keyof typeof RelogonMode];

/** What a send does while bytes are queued on the channel. CUS-010 */
export const ActionTypeOnChannelIsBusy = numbers.ActionTypeOnChannelIsBusy;
export type ActionTypeOnChannelIsBusy = (typeof ActionTypeOnChannelIsBusy)[keyof typeof ActionTypeOnChannelIsBusy];

/** Why a file transfer ended before it was complete. FIL-020 */
export const FileTransDisrupttedType = numbers.FileTransDisrupttedType;
export type FileTransDisrupttedType = numbers.FileTransDisrupttedTypeValue;

/** What sendByP2PChannel does while there is no channel. P2P-063 */
export const ActionTypeOnNoP2PChannel = numbers.ActionTypeOnNoP2PChannel;
export type ActionTypeOnNoP2PChannel = (typeof ActionTypeOnNoP2PChannel)[keyof typeof ActionTypeOnNoP2PChannel];

/** Which way one call asks for. P2P-061 */
export const ChannelMode = numbers.ChannelMode;
export type ChannelMode = (typeof ChannelMode)[keyof typeof ChannelMode];

/** Which kinds of channels are tried. P2P-070 */
export const P2PChannelMode = numbers.P2PChannelMode;
export type P2PChannelMode = (typeof P2PChannelMode)[keyof typeof P2PChannelMode];

/** What a channel runs over. P2P-076 */
export const ProtocolType = numbers.ProtocolType;
export type ProtocolType = (typeof ProtocolType)[keyof typeof ProtocolType];

/** The five ways a received message can be invalid. SEC-002 */
export type MessageInvalidType = numbers.MessageInvalidKind;

/** Where a server calls the application's handler. HDL-002 */
export const CustomizeInfoHandleMode = numbers.CustomizeInfoHandleMode;
export type CustomizeInfoHandleMode = (typeof CustomizeInfoHandleMode)[keyof typeof CustomizeInfoHandleMode];

/** How an item came that diagnostics count. HDL-021 */
export const InformationStyle = numbers.InformationStyle;
export type InformationStyle = (typeof InformationStyle)[keyof typeof InformationStyle];
/** How the platform server chooses a server for a client. CLU-013 */
export const ServerAssignedPolicy = numbers.ServerAssignedPolicy;
export type ServerAssignedPolicy = (typeof ServerAssignedPolicy)[keyof typeof ServerAssignedPolicy];
