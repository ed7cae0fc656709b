/**
 * File transfer of one engine: the projects under way, the application's calls, the partner's messages (chapter 19).
 *
 * The same at a client and at a server; what differs is how a user is reached, which the engine says by `way`. Drive it:
 * `start` at initialize, `handle*` for messages and ends, `handleDrain` when a way has room, `stop` at close.
 */
import type { Platform } from '../../../spec/platform.ts';
import {
  FILE_PACKAGE_BYTES_DEFAULT,
  FILE_PATH_BYTES_MAX,
  FILE_PROJECT_ID_BYTES_MAX,
  FILE_PROJECTS_PER_SENDER_MAX,
  FILE_TEMPORARY_SUFFIX,
  headerBytes,
  SERVER_ID,
  TICKS_PER_MILLISECOND,
  UNIX_EPOCH_TICKS,
} from '../../../spec/limits.ts';
import { resumedFileItemTtlSecs } from '../../../spec/timing.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { lastName, nameFault } from '../../core/files/plain-names.ts';
import type { ResumePoint } from '../../core/files/file-sending.ts';
import type { FileEnding } from '../../core/files/file-states.ts';
import { codecs, describeValue, LocalProtocolError, utf8Length } from '../../wire/index.ts';
import type { FrameLimits } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { checkInteger, checkSecs, checkText } from '../arguments.ts';
import { microsOrNever } from '../settings.ts';
import type { BaseFileController, FileTransferingProgress, SendingFileParas, TransferingProject } from './api-files.ts';
import { FileEvents } from './file-events.ts';
import type { FileTimes } from './file-times.ts';
import type { FileWay, FileWorld } from './file-world.ts';
import { folderBytes } from './folder-walk.ts';
import { Project } from './project.ts';
import { ReceivingProject, sizeOf } from './receiving-project.ts';
import { ResumeItems } from './resume-items.ts';
import { SendingProject } from './sending-project.ts';

/** Bytes of a FilePackage besides data and ProjectID: its length, two lengths, index, type. */
const PACKAGE_OVERHEAD_BYTES = 17;

/** How the engine looks from here. */
export type FileHost = {
  /** `_0` for the server. @throws LocalProtocolError while the engine may not send */
  ownID(): string;
  /** Whether a target can be one at all (LIM-003). @throws LocalProtocolError */
  checkTarget(userID: string): void;
  /** Undefined when there is no way to the user now. */
  way(userID: string): FileWay | undefined;
  /** Calls `onDrain` when the way to a user has room again. @returns what ends that */
  watch(userID: string, onDrain: () => void): () => void;
};

/** The object behind `fileOutter` and `fileController`. */
export class FileTransfers implements BaseFileController {
  readonly #platform: Platform;
  readonly #host: FileHost;
  readonly #events: FileEvents;
  readonly #items: ResumeItems;
  readonly #sending = new Map<string, SendingProject>();
  readonly #receiving = new Map<string, ReceivingProject>();
  readonly #watches = new Map<SendingProject | ReceivingProject, () => void>();
  readonly #alarm: Alarm;
  #world: FileWorld | undefined;
  #ttlSecs = resumedFileItemTtlSecs;

  constructor(platform: Platform, host: FileHost) {
    this.#platform = platform;
    this.#host = host;
    this.#events = new FileEvents(platform);
    this.#items = new ResumeItems(platform.files, microsOf(this.#ttlSecs));
    this.#alarm = new Alarm(platform, (nowMicros) => this.#handleDue(nowMicros));
  }

  get ttl4ResumedFileItem(): number {
    return this.#ttlSecs;
  }

  set ttl4ResumedFileItem(secs: number) {
    checkSecs('ttl4ResumedFileItem', secs);
    this.#ttlSecs = secs;
    this.#items.ttlMicros = microsOf(secs);
    this.#handleDue(this.#platform.monotonicMicros());
  }

  get fileSendingEvents(): FileEvents['sending'] {
    return this.#events.sending;
  }

  get fileReceivingEvents(): FileEvents['receiving'] {
    return this.#events.receiving;
  }

  get fileRequestReceived(): FileEvents['fileRequestReceived'] {
    return this.#events.fileRequestReceived;
  }

  get fileResponseReceived(): FileEvents['fileResponseReceived'] {
    return this.#events.fileResponseReceived;
  }

  beginSendFile(
    accepterID: string | null,
    fileOrDirPath: string,
    comment: string | null,
    paras?: SendingFileParas | null,
  ): string {
    const senderID = this.#host.ownID();
    const target = accepterID ?? SERVER_ID;
    if (target !== SERVER_ID || senderID === SERVER_ID) this.#host.checkTarget(target);
    const way = this.#host.way(target);
    const projectID = `${senderID}_${this.#randomText()}`;
    const facts = this.#look(fileOrDirPath);
    const project = new Project({
      ...facts,
      projectID,
      isSender: true,
      senderID,
      accepterID: target,
      comment: checkText('the comment', comment),
      timeStarted: this.#platform.wallMillis(),
      sendingFileParas: checkParas(paras, projectID, way?.limits),
    });
    const sending = new SendingProject(this.#running(), project);
    way?.post(MessageType.BeginSendFile, codecs.BeginSendFileContract, {
      Comment: project.comment,
      IsFolder: project.isFolder,
      LastUpdateTime: BigInt(project.originLastUpdateTime) * TICKS_PER_MILLISECOND + UNIX_EPOCH_TICKS,
      OriginPath: project.originPath,
      ProjectID: projectID,
      TotalSize: project.totalSize,
    });
    this.#sending.set(projectID, sending);
    if (way !== undefined)
      this.#watches.set(
        sending,
        this.#host.watch(target, () => this.handleDrain(target)),
      );
    // FIL-004: nobody there; told like every other end, after this call.
    if (way === undefined) this.#platform.setTimer(0, () => sending.end('partnerOffline', ''));
    return projectID;
  }

  beginReceiveFile(projectID: string, savePath: string, allowResume = true): void {
    const receiving = this.#receiving.get(projectID);
    if (receiving === undefined || receiving.project.isTransfering) return;
    const { files } = this.#platform;
    const path = files.absolute(checkText('the save path', savePath) ?? '');
    const isTaken = [...this.#receiving.values()].some((each) => each.project.localSavePath === path);
    if (isTaken)
      throw fileError(`${describeValue(savePath)} is being written by another transfer; choose another path`);
    const there = files.stat(path);
    if (there !== undefined && (there.kind === 'folder') !== receiving.project.isFolder) {
      throw fileError(
        `${describeValue(savePath)} is a ${there.kind}; choose a path for a ${kindOf(receiving.project)}`,
      );
    }
    const nowMicros = this.#platform.monotonicMicros();
    const item = allowResume ? this.#items.find(receiving.project, nowMicros, path) : undefined;
    this.#items.take(`${path}${FILE_TEMPORARY_SUFFIX}`);
    receiving.accept(path, item?.point ?? null);
  }

  rejectFile(projectID: string, cause: string | null = null): void {
    this.#receiving.get(projectID)?.reject(checkText('the cause', cause));
  }

  cancelTransfering(projectID: string, cause: string | null = null): void {
    const words = checkText('the cause', cause) ?? '';
    this.#sending.get(projectID)?.end('cancelled', words);
    this.#receiving.get(projectID)?.end('cancelled', words);
  }

  cancelTransferingAbout(destUserID: string | null): void {
    this.#endAbout(destUserID, 'cancelled');
  }

  cancelAllTransfering(): void {
    this.#endAbout(null, 'cancelled');
  }

  getTransferingAbout(destUserID: string | null): string[] {
    return [...new Set(this.#about(destUserID).map(({ project }) => project.projectID))];
  }

  getTransferingProject(projectID: string): TransferingProject | null {
    return (this.#sending.get(projectID) ?? this.#receiving.get(projectID))?.project ?? null;
  }

  getTransferingProgress(projectID: string): FileTransferingProgress | null {
    const found = this.#sending.get(projectID) ?? this.#receiving.get(projectID);
    if (found?.project.isTransfering !== true) return null;
    return { projectID, total: found.project.totalSize, transfered: found.transferedBytes };
  }

  // ---- the engine's side --------------------------------------------------------------------------------------------

  /** The engine is initialized: nothing of before counts (FIL-044). */
  start(times: FileTimes): void {
    this.#items.clear();
    this.#world = {
      platform: this.#platform,
      events: this.#events,
      items: this.#items,
      ...times,
      way: (userID) => this.#host.way(userID),
      forget: (which) => this.#forget(which),
      aim: (deadlineMicros) => {
        if (deadlineMicros !== Infinity) this.#alarm.aim(deadlineMicros);
      },
    };
  }

  /** The engine is closed: everything is let go, nobody is told (RCN-011). */
  stop(): void {
    for (const each of this.#about(null)) each.drop();
    this.#sending.clear();
    this.#receiving.clear();
    for (const unwatch of this.#watches.values()) unwatch();
    this.#watches.clear();
    this.#items.clear();
    this.#alarm.clear();
  }

  /** The own connection has ended (FIL-022). */
  handleSelfOffline(): void {
    this.#endAbout(null, 'selfOffline');
  }

  /** A user is not online, or has gone (FIL-023). */
  handlePartnerOffline(userID: string): void {
    this.#endAbout(userID, 'partnerOffline');
  }

  /** A direct channel to a user has closed. */
  handleChannelClosed(userID: string, protocol: 'tcp' | 'udp'): void {
    for (const each of this.#about(userID)) each.handleChannelClosed(protocol);
  }

  /** The way to a user has room again. */
  handleDrain(userID: string): void {
    for (const [projectID, sending] of [...this.#sending]) {
      if (sending.project.destUserID !== userID) continue;
      sending.pump();
      if (this.#sending.size < 2 || !this.#sending.has(projectID)) continue;
      // To the back of the row, so that each has its turn.
      this.#sending.delete(projectID);
      this.#sending.set(projectID, sending);
    }
  }

  handleRequest(senderID: string, request: ContractOf<'BeginSendFileContract'>): void {
    const fault = this.#requestFault(senderID, request);
    if (fault !== undefined) {
      this.#platform.log('warn', `a file of ${senderID} is refused: ${fault}`);
      this.#refuse(senderID, request.ProjectID, fault);
      return;
    }
    const project = new Project({
      projectID: request.ProjectID!,
      isFolder: request.IsFolder,
      isSender: false,
      senderID,
      accepterID: this.#host.ownID(),
      totalSize: sizeOf(request.TotalSize)!,
      originPath: request.OriginPath!,
      originLastUpdateTime: Number((request.LastUpdateTime - UNIX_EPOCH_TICKS) / TICKS_PER_MILLISECOND),
      timeStarted: this.#platform.wallMillis(),
      comment: request.Comment,
      sendingFileParas: null,
    });
    this.#receiving.set(project.projectID, new ReceivingProject(this.#running(), project));
    const item = this.#items.find(project, this.#platform.monotonicMicros());
    const { projectID, projectName, totalSize, comment } = project;
    this.#events.fileRequestReceived.raise(projectID, senderID, projectName, totalSize, item?.shown ?? null, comment);
  }

  handleAnswer(from: string, answer: ContractOf<'RejectOrAcceptFileContract'>): void {
    const sending = this.#sendingTo(from, answer.ProjectID);
    if (sending === undefined) {
      if (answer.Agree) this.#disown(from, answer.ProjectID);
      return;
    }
    const resume = resumePointOf(answer);
    if (resume === undefined) sending.end('failed', 'the receiver answered with sizes that are none');
    else sending.handleAnswer(answer.Agree, resume, answer.RejectCause);
  }

  /** @param wayKind - How it came. */
  handlePackage(from: string, of: ContractOf<'FilePackage'>, wayKind: FileWay['kind']): void {
    this.#receivingFrom(from, of.ProjectID)?.handlePackage(of, wayKind);
  }

  handleConfirmed(from: string, notify: ContractOf<'SingleFileNotifyContract'>): void {
    this.#sendingTo(from, notify.ProjectID)?.handleConfirmed();
  }

  /** @param bySender - CancelFileSending; otherwise CancelFileReceiving. */
  handleCancel(from: string, cancel: ContractOf<'CancelFileContract'>, bySender: boolean): void {
    const { ProjectID, InnerError, Cause } = cancel;
    const found = bySender ? this.#receivingFrom(from, ProjectID) : this.#sendingTo(from, ProjectID);
    const ending = InnerError
      ? 'peerFailed'
      : Cause === 'ReliableP2PChannelClosed'
        ? 'peerLostChannel'
        : 'peerCancelled';
    found?.end(ending, Cause ?? '');
  }

  // ---- inside -------------------------------------------------------------------------------------------------------

  #running(): FileWorld {
    if (this.#world === undefined) throw new Error('file transfer was used before the engine was initialized');
    return this.#world;
  }

  #sendingTo(userID: string, projectID: string | null): SendingProject | undefined {
    const found = this.#sending.get(projectID ?? '');
    return found?.project.accepterID === userID ? found : undefined;
  }

  #receivingFrom(userID: string, projectID: string | null): ReceivingProject | undefined {
    const found = this.#receiving.get(projectID ?? '');
    return found?.project.senderID === userID ? found : undefined;
  }

  #about(userID: string | null): (SendingProject | ReceivingProject)[] {
    const all = [...this.#sending.values(), ...this.#receiving.values()];
    return userID === null ? all : all.filter(({ project }) => project.destUserID === userID);
  }

  #endAbout(userID: string | null, ending: FileEnding): void {
    for (const each of this.#about(userID)) each.end(ending, '');
  }

  #forget(which: SendingProject | ReceivingProject): void {
    const { projectID } = which.project;
    this.#watches.get(which)?.();
    this.#watches.delete(which);
    if (which instanceof SendingProject) this.#sending.delete(projectID);
    else this.#receiving.delete(projectID);
    if (this.#nextWakeMicros() === Infinity) this.#alarm.clear();
  }

  #nextWakeMicros(): number {
    const wakes = this.#about(null).map(({ wakeMicros }) => wakeMicros);
    return Math.min(this.#items.pollExpired(this.#platform.monotonicMicros()), ...wakes);
  }

  #handleDue(nowMicros: number): void {
    for (const each of this.#about(null)) if (each.wakeMicros <= nowMicros) each.handleTimer(nowMicros);
    this.#alarm.aim(this.#nextWakeMicros());
  }

  /** The file or folder as it is now. @throws LocalProtocolError `E_FILE` */
  #look(path: string): Pick<TransferingProject, 'isFolder' | 'totalSize' | 'originPath' | 'originLastUpdateTime'> {
    const { files } = this.#platform;
    const originPath = files.absolute(checkText('the path', path) ?? '');
    const info = files.stat(originPath);
    if (info === undefined) throw fileError(`there is no file or folder ${describeValue(path)} that can be read`);
    const fault = nameFault(lastName(originPath));
    if (fault !== undefined) throw fileError(`${describeValue(path)} cannot be sent, because its name ${fault}`);
    const isFolder = info.kind === 'folder';
    const totalSize = isFolder ? folderBytes(files, originPath) : info.sizeBytes;
    if (typeof totalSize !== 'number') throw fileError(`${describeValue(path)} cannot be sent: ${totalSize.fault}`);
    return { isFolder, totalSize, originPath, originLastUpdateTime: info.modifiedMillis };
  }

  /** Why a request is refused before any application sees it (FIL-060, FIL-061). */
  #requestFault(senderID: string, request: ContractOf<'BeginSendFileContract'>): string | undefined {
    const { OriginPath, ProjectID, TotalSize } = request;
    const idBytes = utf8Length(ProjectID ?? '');
    if (idBytes === 0 || idBytes > FILE_PROJECT_ID_BYTES_MAX)
      return `a ProjectID has 1 to ${FILE_PROJECT_ID_BYTES_MAX} bytes`;
    if (this.#receiving.has(ProjectID!)) return 'a project with this ProjectID is under way';
    if (sizeOf(TotalSize) === undefined) return `a file cannot have ${TotalSize} bytes`;
    if (OriginPath === null || utf8Length(OriginPath) > FILE_PATH_BYTES_MAX) {
      return `an OriginPath has 1 to ${FILE_PATH_BYTES_MAX} bytes`;
    }
    const fault = nameFault(lastName(OriginPath));
    if (fault !== undefined) return `the name ${describeValue(lastName(OriginPath))} ${fault}`;
    const open = [...this.#receiving.values()].filter(({ project }) => project.senderID === senderID).length;
    if (open >= FILE_PROJECTS_PER_SENDER_MAX) return `there are ${open} projects of this sender already`;
    return undefined;
  }

  #refuse(userID: string, ProjectID: string | null, RejectCause: string): void {
    this.#host.way(userID)?.post(MessageType.RejectOrAcceptFile, codecs.RejectOrAcceptFileContract, {
      Agree: false,
      DisrupttedFileReceivedCount: 0,
      DisrupttedFileRelativePath: null,
      DisrupttedFileSize: 0,
      ProjectID,
      ReceivedCount: 0,
      RejectCause,
    });
  }

  /** FIL-065: whoever agreed waits for packages that nobody will send. */
  #disown(userID: string, ProjectID: string | null): void {
    const value = { Cause: 'the project is over', InnerError: false, ProjectID };
    this.#host.way(userID)?.post(MessageType.CancelFileSending, codecs.CancelFileContract, value);
  }

  #randomText(): string {
    const part = (): string => this.#platform.randomUint32().toString(16).padStart(8, '0');
    return part() + part();
  }
}

function microsOf(secs: number): number {
  const micros = microsOrNever(secs);
  return micros === Infinity ? 0 : micros;
}

function kindOf(project: Project): string {
  return project.isFolder ? 'folder' : 'file';
}

function fileError(text: string): LocalProtocolError {
  return new LocalProtocolError('E_FILE', 'FIL-004', text);
}

/** FIL-015: one byte at least, and a package fits a message. */
function checkParas(
  paras: SendingFileParas | null | undefined,
  projectID: string,
  limits: FrameLimits | undefined,
): SendingFileParas {
  const { filePackageSize = FILE_PACKAGE_BYTES_DEFAULT, sendingSpanInMSecs = 0 } = paras ?? {};
  const around = PACKAGE_OVERHEAD_BYTES + projectID.length * 3;
  const most = limits === undefined ? Infinity : limits.messageBytesMax - headerBytes(limits.userIdBytesMax) - around;
  checkInteger('filePackageSize', 'FIL-015', filePackageSize, 1, Math.min(most, 0x7fff_ffff));
  checkInteger('sendingSpanInMSecs', 'FIL-016', sendingSpanInMSecs, 0, 0x7fff_ffff);
  return { filePackageSize, sendingSpanInMSecs };
}

/** Null: from the beginning. Undefined: sizes that are none. */
function resumePointOf(answer: ContractOf<'RejectOrAcceptFileContract'>): ResumePoint | null | undefined {
  const receivedBytes = sizeOf(answer.ReceivedCount);
  const sizeBytes = sizeOf(answer.DisrupttedFileSize);
  const fileReceivedBytes = sizeOf(answer.DisrupttedFileReceivedCount);
  if (receivedBytes === undefined || sizeBytes === undefined || fileReceivedBytes === undefined) return undefined;
  if (receivedBytes === 0) return null;
  const path = answer.DisrupttedFileRelativePath;
  if (path !== null && fileReceivedBytes > sizeBytes) return undefined;
  return { receivedBytes, file: path === null ? null : { path, sizeBytes, receivedBytes: fileReceivedBytes } };
}
