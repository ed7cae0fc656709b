/**
 * File transfer as an application sees it: the manual's IBaseFileController and what goes with it, in camel case (FIL).
 *
 * Types and one constant. Sizes are bytes, times milliseconds since 1970-01-01 UTC. The server's UserID is `_0` here, in
 * both directions, as the manual has it for files; null is taken for it where a target is given.
 */
import { SERVER_ID } from '../../../spec/limits.ts';
import type { Event } from '../api.ts';
import type { FileTransDisrupttedType } from '../enums.ts';

/** The manual's NetServer. FIL-009 */
export const netServer = { systemUserID: SERVER_ID } as const;

/** How a sender sends. FIL-015, FIL-016 */
export type SendingFileParas = {
  /** Milliseconds from one package to the next, at least; 0: as fast as the way takes them. */
  readonly sendingSpanInMSecs: number;
  /** Bytes of data in a package, 1 or more; a package must fit a message. */
  readonly filePackageSize: number;
};

/** One transfer of one file or folder, at either end. FIL-003, FIL-006 */
export type TransferingProject = {
  readonly projectID: string;
  readonly isFolder: boolean;
  /** Whether this end sends. */
  readonly isSender: boolean;
  readonly senderID: string;
  readonly accepterID: string;
  /** The other end. */
  readonly destUserID: string;
  /** The last name of `originPath`. */
  readonly projectName: string;
  readonly totalSize: number;
  /** Absolute, on the sender's machine. */
  readonly originPath: string;
  readonly originLastUpdateTime: number;
  /** Receiver only, from beginReceiveFile on; null otherwise. */
  readonly localSavePath: string | null;
  /** Sender only; null at the receiver. */
  readonly sendingFileParas: SendingFileParas | null;
  readonly timeStarted: number;
  /** False until the receiver has agreed. */
  readonly isTransfering: boolean;
  readonly comment: string | null;
  /** In words, once the transfer has been disrupted. FIL-028 */
  readonly fileTransDisrupttedCause: string | null;
  /** The application's own; the engine never touches it. */
  localTag: unknown;
};

/** FIL-008 */
export type FileTransferingProgress = {
  readonly projectID: string;
  readonly total: number;
  readonly transfered: number;
};

/** Where an interrupted transfer can go on. FIL-041 */
export type ResumedProjectItem = {
  readonly senderID: string;
  readonly originPath: string;
  readonly originSize: number;
  readonly originLastUpdateTime: number;
  readonly localTempFileSavePath: string;
  readonly localSavePath: string;
  /** Bytes of the whole project that are there. */
  readonly receivedCount: number;
  /** Folders: the file that was under way; null for a file. */
  readonly disrupttedFileRelativePath: string | null;
  readonly disrupttedFileSize: number;
  readonly disrupttedFileReceivedCount: number;
  readonly disrupttedTime: number;
};

/** What happens to the transfers of one direction. FIL-007 */
export type FileTransferingEvents = {
  readonly fileTransStarted: Event<[project: TransferingProject]>;
  /** Instead of fileTransStarted when the transfer goes on where another ended. */
  readonly fileResumedTransStarted: Event<[project: TransferingProject]>;
  readonly fileTransProgress: Event<[projectID: string, total: number, transfered: number]>;
  readonly fileTransCompleted: Event<[project: TransferingProject]>;
  readonly fileTransDisruptted: Event<[project: TransferingProject, type: FileTransDisrupttedType]>;
};

export type FileRequestReceivedArgs = [
  projectID: string,
  senderID: string,
  fileName: string,
  totalSize: number,
  resumedFileItem: ResumedProjectItem | null,
  comment: string | null,
];

/** File transfer at a client or at a server. */
export type BaseFileController = {
  /** Seconds a resumable item is kept, default 300; <= 0: nothing is resumed. May be set at any time. FIL-045 */
  ttl4ResumedFileItem: number;
  readonly fileSendingEvents: FileTransferingEvents;
  readonly fileReceivingEvents: FileTransferingEvents;
  readonly fileRequestReceived: Event<FileRequestReceivedArgs>;
  /** At the sender. FIL-002 */
  readonly fileResponseReceived: Event<[project: TransferingProject, agreed: boolean]>;
  /**
   * Asks `accepterID` to receive a file or folder. No event about it comes before this returns.
   * @param accepterID - A UserID; null or `_0` is the server.
   * @param fileOrDirPath - On this host.
   * @param paras - null: packages of 2,048 bytes, no pause.
   * @returns the projectID (the manual's out parameter)
   * @throws LocalProtocolError `E_FILE` when nothing can be read there, `E_ARGUMENT`, `E_USER_ID`; and as every sending call
   */
  beginSendFile(
    accepterID: string | null,
    fileOrDirPath: string,
    comment: string | null,
    paras?: SendingFileParas | null,
  ): string;
  /**
   * Agrees to receive. What has that name already is replaced when all has come. Does nothing when the project is gone.
   * @param allowResume - Default true: goes on where an earlier transfer ended, if it can.
   * @throws LocalProtocolError `E_FILE` when another transfer writes there, or a folder stands where a file should go
   */
  beginReceiveFile(projectID: string, savePath: string, allowResume?: boolean): void;
  rejectFile(projectID: string, cause?: string | null): void;
  /** Gives a transfer up, at either end, also before it was agreed to. */
  cancelTransfering(projectID: string, cause?: string | null): void;
  /** null: all. */
  cancelTransferingAbout(destUserID: string | null): void;
  cancelAllTransfering(): void;
  /** The projectIDs with a user, or all for null, those not agreed to included. */
  getTransferingAbout(destUserID: string | null): string[];
  /** Null when there is none. */
  getTransferingProject(projectID: string): TransferingProject | null;
  /** Null when there is none or it has not been agreed to. */
  getTransferingProgress(projectID: string): FileTransferingProgress | null;
};

/** The client's; adds nothing (FIL-009). */
export type FileOutter = BaseFileController;
/** The server's; adds nothing (FIL-009). */
export type FileController = BaseFileController;
