/**
 * The two ends of a file transfer as tables: state x input -> next state and what to do, in order (chapter 19).
 *
 * Data only. A pair that is not in a table changes nothing: a late answer or a package after the end meets nobody.
 */
import type { FileTransDisrupttedTypeName } from '../../../spec/errors.ts';

/** How a project can end before it is complete, the same at both ends. */
export const FILE_ENDINGS = {
  /** The application said so. */
  cancelled: { cause: 'ActiveCancel', tell: 'unwilling' },
  peerCancelled: { cause: 'DestCancel', tell: null },
  peerFailed: { cause: 'DestInnerError', tell: null },
  peerLostChannel: { cause: 'ReliableP2PChannelClosed', tell: null },
  partnerOffline: { cause: 'DestOffline', tell: null },
  selfOffline: { cause: 'SelfOffline', tell: null },
  channelClosed: { cause: 'ReliableP2PChannelClosed', tell: 'unwilling' },
  failed: { cause: 'InnerError', tell: 'unable' },
  tooSlow: { cause: 'NetworkSpeedSlow', tell: 'unwilling' },
  readStuck: { cause: 'ReadFileBlocked', tell: 'unable' },
  neverStarted: { cause: 'SendThreadNotStarted', tell: 'unable' },
  firstOverdue: { cause: 'Timeout4FirstPackage', tell: 'unwilling' },
  rejected: { cause: 'RejectAccepting', tell: null },
} as const satisfies Readonly<
  Record<string, { readonly cause: FileTransDisrupttedTypeName; readonly tell: 'unable' | 'unwilling' | null }>
>;
export type FileEnding = keyof typeof FILE_ENDINGS;

export const SENDER_STATES = [
  /** The request is out. */
  'asked',
  /** Agreed; nothing sent yet. */
  'starting',
  'sending',
  /** In a folder: the receiver has not confirmed the last file (FIL-013). */
  'betweenFiles',
  /** Everything is out; the receiver has not confirmed it. */
  'confirming',
  'ended',
] as const;
export type SenderState = (typeof SENDER_STATES)[number];
export type SenderInput = 'agreed' | 'firstSent' | 'fileSent' | 'allSent' | 'confirmed' | FileEnding;

export const RECEIVER_STATES = [
  /** The application has not decided. */
  'undecided',
  /** Agreed; no package yet. */
  'awaitingFirst',
  'receiving',
  /** Everything is there; it is being put in its place. */
  'placing',
  'ended',
] as const;
export type ReceiverState = (typeof RECEIVER_STATES)[number];
export type ReceiverInput = 'accepted' | 'package' | 'complete' | 'placed' | FileEnding;

export type FileAction =
  /** Sender: tells the application the answer; then works. Receiver: opens the temporary file and answers. */
  | 'begin'
  /** Sender: takes the next entry of the folder. */
  | 'goOn'
  /** Receiver: refuses with words. */
  | 'refuse'
  /** Receiver: puts the file in its place. */
  | 'finish'
  /** Tells the application, and at the receiver the sender, that all has arrived. */
  | 'complete'
  /** Tells application and partner the ending; lets go of what is held. */
  | 'end';

export type FileMove<State> = { readonly to: State; readonly actions: readonly FileAction[] };
type Table<State extends string, Input extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Input, FileMove<State>>>>>
>;

const END = { to: 'ended', actions: ['end'] } as const satisfies FileMove<'ended'>;
const ALWAYS = {
  cancelled: END,
  peerCancelled: END,
  peerFailed: END,
  peerLostChannel: END,
  partnerOffline: END,
  selfOffline: END,
  failed: END,
} as const;
const WORKING = { ...ALWAYS, channelClosed: END, tooSlow: END } as const;

export const SENDER_MOVES: Table<SenderState, SenderInput> = {
  asked: { ...ALWAYS, agreed: { to: 'starting', actions: ['begin'] }, rejected: END },
  starting: {
    ...WORKING,
    readStuck: END,
    neverStarted: END,
    firstSent: { to: 'sending', actions: [] },
  },
  sending: {
    ...WORKING,
    readStuck: END,
    fileSent: { to: 'betweenFiles', actions: [] },
    allSent: { to: 'confirming', actions: [] },
  },
  betweenFiles: { ...WORKING, confirmed: { to: 'sending', actions: ['goOn'] } },
  confirming: { ...WORKING, confirmed: { to: 'ended', actions: ['complete'] } },
  ended: {},
};

export const RECEIVER_MOVES: Table<ReceiverState, ReceiverInput> = {
  undecided: {
    ...ALWAYS,
    accepted: { to: 'awaitingFirst', actions: ['begin'] },
    rejected: { to: 'ended', actions: ['refuse', 'end'] },
  },
  awaitingFirst: {
    ...WORKING,
    firstOverdue: END,
    package: { to: 'receiving', actions: [] },
  },
  receiving: {
    ...WORKING,
    package: { to: 'receiving', actions: [] },
    complete: { to: 'placing', actions: ['finish'] },
  },
  placing: { ...ALWAYS, placed: { to: 'ended', actions: ['complete'] } },
  ended: {},
};
