/** The receiving end of a project on a Platform: does what its machine says with disk, way and events. */
import { FileTransDisrupttedType, PackageType } from '../../../spec/errors.ts';
import type { FileFailure, FileHandle } from '../../../spec/platform.ts';
import { FILE_TEMPORARY_SUFFIX } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { FileReceiving } from '../../core/files/file-receiving.ts';
import type { ReceivedPackage, ReceiverOutput } from '../../core/files/file-receiving.ts';
import type { ResumePoint } from '../../core/files/file-sending.ts';
import type { FileEnding } from '../../core/files/file-states.ts';
import { codecs, readUtf8 } from '../../wire/index.ts';
import type { FileWay, FileWorld } from './file-world.ts';
import type { Project } from './project.ts';

type Done = Exclude<ReceiverOutput, { readonly kind: 'wait' }>;

/** One project of which this end is the receiver. */
export class ReceivingProject {
  readonly project: Project;
  readonly #world: FileWorld;
  readonly #machine: FileReceiving;
  #file: FileHandle | undefined;
  #pumping = false;
  #wakeMicros = Infinity;
  #prepared = false;
  /** The last package came this way. */
  #wayKind: FileWay['kind'] = 'server';

  constructor(world: FileWorld, project: Project) {
    this.#world = world;
    this.project = project;
    this.#machine = new FileReceiving({
      isFolder: project.isFolder,
      totalBytes: project.totalSize,
      firstPackageMicros: world.firstPackageMicros,
      zeroSpeedMicros: world.zeroSpeedMicros,
    });
  }

  get transferedBytes(): number {
    return this.#machine.receivedBytes;
  }

  get wakeMicros(): number {
    return this.#wakeMicros;
  }

  /** Where the bytes go until all are there; null before the application has agreed. */
  get temporaryPath(): string | null {
    const { localSavePath } = this.project;
    return localSavePath === null ? null : `${localSavePath}${FILE_TEMPORARY_SUFFIX}`;
  }

  accept(savePath: string, resume: ResumePoint | null): void {
    this.project.localSavePath = savePath;
    this.project.isTransfering = true;
    this.#machine.handleAccepted(this.#now(), resume);
    this.#pump();
  }

  reject(cause: string | null): void {
    this.#machine.handleRejected(cause);
    this.#pump();
  }

  handlePackage(of: ContractOf<'FilePackage'>, wayKind: FileWay['kind']): void {
    this.#wayKind = wayKind;
    this.#machine.handlePackage(this.#now(), of.Index, decodePackage(of));
    this.#pump();
  }

  handleTimer(nowMicros: number): void {
    this.#machine.handleTimer(nowMicros);
    this.#pump();
  }

  /** A direct channel to the user has closed: that ends what came over it (FIL-025). */
  handleChannelClosed(protocol: 'tcp' | 'udp'): void {
    if (this.#wayKind === protocol) this.end('channelClosed', '');
  }

  end(ending: FileEnding, words: string): void {
    this.#machine.handleEnding(ending, words);
    this.#pump();
  }

  /** Lets go without telling anybody: the engine is closed. */
  drop(): void {
    this.#closeFile();
    if (this.#prepared && this.#machine.state !== 'ended') this.#removeTemporary();
    this.#machine.handleEnding('selfOffline', '');
    while (this.#machine.poll().kind !== 'wait');
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (;;) {
      const output = this.#machine.poll();
      if (output.kind === 'wait') {
        this.#wakeMicros = output.untilMicros;
        break;
      }
      this.#do(output);
    }
    this.#pumping = false;
    this.#world.aim(this.#wakeMicros);
  }

  #do(output: Done): void {
    const { events, platform } = this.#world;
    switch (output.kind) {
      case 'prepare':
        this.#prepare(output.resume);
        break;
      case 'makeFolder':
        this.#check(platform.files.makeFolder(this.#pathOf(output.names)));
        break;
      case 'openFile':
        this.#open(output.names, output.keepBytes);
        break;
      case 'write':
        this.#check(this.#file?.write(output.offsetBytes, output.bytes));
        break;
      case 'closeFile':
        this.#closeFile();
        break;
      case 'place':
        this.#place();
        break;
      case 'agree':
        this.#answer(true, output.resume, null);
        break;
      case 'refuse':
        this.#answer(false, null, output.cause);
        break;
      case 'confirm':
        this.#way()?.post(MessageType.SingleFileRevFinishedNotify, codecs.SingleFileNotifyContract, {
          ProjectID: this.project.projectID,
        });
        break;
      case 'tell':
        this.#tell(output.innerError, output.cause);
        break;
      case 'started':
        events.receiving.raiseStarted(this.project, output.resumed);
        break;
      case 'progress':
        events.receiving.raiseProgress(this.project, output.receivedBytes);
        break;
      case 'completed':
        this.#world.forget(this);
        events.receiving.fileTransCompleted.raise(this.project);
        break;
      case 'disrupted':
        this.#disrupt(output);
        break;
    }
  }

  #prepare(resume: ResumePoint | null): void {
    const { files } = this.#world.platform;
    const temporary = this.temporaryPath!;
    this.#prepared = true;
    if (resume !== null) return;
    this.#check(files.remove(temporary));
    if (this.project.isFolder) this.#check(files.makeFolder(temporary));
  }

  #open(names: readonly string[], keepBytes: number): void {
    this.#closeFile();
    const opened = this.#world.platform.files.openToWrite(this.#pathOf(names), keepBytes);
    if ('code' in opened) this.#check(opened);
    else this.#file = opened;
  }

  /** FIL-050: what had the name is replaced, a file in one step. */
  #place(): void {
    const { files } = this.#world.platform;
    const savePath = this.project.localSavePath!;
    const failure =
      (this.project.isFolder ? files.remove(savePath) : undefined) ?? files.rename(this.temporaryPath!, savePath);
    if (failure === undefined) this.#machine.handlePlaced();
    else this.#check(failure);
  }

  #answer(Agree: boolean, resume: ResumePoint | null, RejectCause: string | null): void {
    this.#way()?.post(MessageType.RejectOrAcceptFile, codecs.RejectOrAcceptFileContract, {
      Agree,
      DisrupttedFileReceivedCount: resume?.file?.receivedBytes ?? 0,
      DisrupttedFileRelativePath: resume?.file?.path ?? null,
      DisrupttedFileSize: resume?.file?.sizeBytes ?? 0,
      ProjectID: this.project.projectID,
      ReceivedCount: resume?.receivedBytes ?? 0,
      RejectCause,
    });
  }

  #tell(InnerError: boolean, Cause: string): void {
    const value = { Cause, InnerError, ProjectID: this.project.projectID };
    this.#way()?.post(MessageType.CancelFileReceiving, codecs.CancelFileContract, value);
  }

  #disrupt(output: Extract<Done, { readonly kind: 'disrupted' }>): void {
    const { events, items, platform } = this.#world;
    const { project } = this;
    project.fileTransDisrupttedCause = output.cause;
    this.#world.forget(this);
    if (output.resume === null) {
      if (this.#prepared) this.#removeTemporary();
    } else {
      const { file, receivedBytes } = output.resume;
      items.add({
        isFolder: project.isFolder,
        point: output.resume,
        sinceMicros: this.#now(),
        shown: {
          senderID: project.senderID,
          originPath: project.originPath,
          originSize: project.totalSize,
          originLastUpdateTime: project.originLastUpdateTime,
          localTempFileSavePath: this.temporaryPath!,
          localSavePath: project.localSavePath!,
          receivedCount: receivedBytes,
          disrupttedFileRelativePath: file?.path ?? null,
          disrupttedFileSize: file?.sizeBytes ?? 0,
          disrupttedFileReceivedCount: file?.receivedBytes ?? 0,
          disrupttedTime: platform.wallMillis(),
        },
      });
      this.#world.aim(items.pollExpired(this.#now()));
    }
    events.receiving.fileTransDisruptted.raise(project, FileTransDisrupttedType[output.type]);
  }

  #check(failure: FileFailure | undefined): void {
    if (failure !== undefined) this.#machine.handleEnding('failed', failure.detail);
  }

  #pathOf(names: readonly string[]): string {
    return [this.temporaryPath!, ...names].join('/');
  }

  #removeTemporary(): void {
    const failure = this.#world.platform.files.remove(this.temporaryPath!);
    if (failure !== undefined) this.#world.platform.log('warn', `a temporary file stays: ${failure.detail}`);
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #way(): FileWay | undefined {
    return this.#world.way(this.project.destUserID);
  }

  #now(): number {
    return this.#world.platform.monotonicMicros();
  }
}

function decodePackage({ PackageType: type, Data }: ContractOf<'FilePackage'>): ReceivedPackage {
  switch (type) {
    case PackageType.FileTransferingPackage:
      return { kind: 'data', data: Data ?? new Uint8Array(0) };
    case PackageType.FoldTransferingNextFile:
      return decodeNextFile(Data);
    case PackageType.NewChildFolder: {
      const path = Data === null ? undefined : readUtf8(Data, 0, Data.length);
      return path === undefined
        ? { kind: 'unreadable', why: 'a folder name is not UTF-8' }
        : { kind: 'newFolder', path };
    }
    case PackageType.Finished:
      return { kind: 'finished' };
    default:
      return { kind: 'unreadable', why: `package type ${type} is unknown` };
  }
}

function decodeNextFile(data: Uint8Array | null): ReceivedPackage {
  const decoded = codecs.FoldTransferingNextFileInfo.decode(data ?? new Uint8Array(0));
  if (!decoded.ok) return { kind: 'unreadable', why: `no FoldTransferingNextFileInfo: ${decoded.error.detail}` };
  const { FileLength, RelativeFilePath } = decoded.value;
  const sizeBytes = sizeOf(FileLength);
  if (sizeBytes === undefined) return { kind: 'unreadable', why: `a file cannot have ${FileLength} bytes` };
  return { kind: 'nextFile', path: RelativeFilePath ?? '', sizeBytes };
}

/** A size from the wire; undefined when it is none: negative, or 2^53 and more. */
export function sizeOf(value: number | bigint): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
