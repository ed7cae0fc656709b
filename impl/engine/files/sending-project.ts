/** The sending end of a project on a Platform: does what its machine says with disk, way and events. */
import { FileTransDisrupttedType, PackageType } from '../../../spec/errors.ts';
import type { FileHandle } from '../../../spec/platform.ts';
import { FILE_READ_BYTES } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { FileSending } from '../../core/files/file-sending.ts';
import type { PackageToPost, ResumePoint, SenderOutput } from '../../core/files/file-sending.ts';
import type { FileEnding } from '../../core/files/file-states.ts';
import { codecs, encodeUtf8 } from '../../wire/index.ts';
import type { FileWay, FileWorld } from './file-world.ts';
import { FolderWalk } from './folder-walk.ts';
import type { Project } from './project.ts';

/** Bytes posted before the way is looked at again, and others get a turn. Ours, as for blobs. */
const BURST_BYTES = 65_536;

type Done = Exclude<SenderOutput, { readonly kind: 'wait' }>;

/** One project of which this end is the sender. */
export class SendingProject {
  readonly project: Project;
  readonly #world: FileWorld;
  readonly #machine: FileSending;
  #walk: FolderWalk | undefined;
  #file: FileHandle | undefined;
  #pumping = false;
  #turnDue = false;
  #wakeMicros = Infinity;
  /** The last package took this way. */
  #wayKind: FileWay['kind'] = 'server';

  constructor(world: FileWorld, project: Project) {
    this.#world = world;
    this.project = project;
    const paras = project.sendingFileParas!;
    this.#machine = new FileSending({
      isFolder: project.isFolder,
      totalBytes: project.totalSize,
      packageBytes: paras.filePackageSize,
      spanMicros: paras.sendingSpanInMSecs * 1000,
      zeroSpeedMicros: world.zeroSpeedMicros,
      readBytes: FILE_READ_BYTES,
    });
  }

  get transferedBytes(): number {
    return this.#machine.sentBytes;
  }

  get wakeMicros(): number {
    return this.#wakeMicros;
  }

  handleAnswer(agreed: boolean, resume: ResumePoint | null, cause: string | null): void {
    if (agreed && this.#machine.state === 'asked') this.project.isTransfering = true;
    if (agreed) this.#machine.handleAgreed(this.#now(), resume);
    else this.#machine.handleRejected(cause);
    this.pump();
  }

  handleConfirmed(): void {
    this.#machine.handleConfirmed(this.#now());
    this.pump();
  }

  handleTimer(nowMicros: number): void {
    this.#machine.handleQueue(nowMicros, this.#world.way(this.project.destUserID)?.queuedBytes ?? 0);
    this.#machine.handleTimer(nowMicros);
    this.pump();
  }

  /** A direct channel to the user has closed: that ends what went over it (FIL-025). */
  handleChannelClosed(protocol: 'tcp' | 'udp'): void {
    if (this.#wayKind === protocol) this.end('channelClosed', '');
  }

  end(ending: FileEnding, words: string): void {
    this.#machine.handleEnding(ending, words);
    this.pump();
  }

  /** Lets go without telling anybody: the engine is closed. */
  drop(): void {
    this.#closeFile();
    this.#machine.handleEnding('selfOffline', '');
    while (this.#machine.poll(0).kind !== 'wait');
  }

  /** Works until there is nothing to do but wait. */
  pump(): void {
    // Whoever calls from inside is followed by another poll.
    if (this.#pumping) return;
    this.#pumping = true;
    const way = this.#world.way(this.project.destUserID);
    this.#machine.handleRoom(way?.queuedBytes === 0 ? BURST_BYTES : 0);
    this.#drain();
    this.#pumping = false;
    this.#machine.handleQueue(this.#now(), way?.queuedBytes ?? 0);
    this.#world.aim(this.#wakeMicros);
    if (way?.queuedBytes === 0 && this.#machine.wantsRoom) this.#takeTurn();
  }

  #drain(): void {
    for (;;) {
      const output = this.#machine.poll(this.#now());
      if (output.kind === 'wait') {
        this.#wakeMicros = output.untilMicros;
        return;
      }
      this.#do(output);
    }
  }

  /** The network took all of the burst at once: others first, then on. */
  #takeTurn(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    this.#world.platform.setTimer(0, () => {
      this.#turnDue = false;
      this.pump();
    });
  }

  #do(output: Done): void {
    const { events } = this.#world;
    switch (output.kind) {
      case 'open':
        this.#open(output.path);
        break;
      case 'read':
        this.#read(output.offsetBytes, output.lengthBytes);
        break;
      case 'next':
        this.#next();
        break;
      case 'close':
        this.#closeFile();
        break;
      case 'post':
        this.#post(output.index, output.body);
        break;
      case 'tell':
        this.#tell(output.innerError, output.cause);
        break;
      case 'answered':
        events.fileResponseReceived.raise(this.project, output.agreed);
        break;
      case 'started':
        events.sending.raiseStarted(this.project, output.resumed);
        break;
      case 'progress':
        events.sending.raiseProgress(this.project, output.sentBytes);
        break;
      case 'completed':
        this.#world.forget(this);
        events.sending.fileTransCompleted.raise(this.project);
        break;
      case 'disrupted':
        this.project.fileTransDisrupttedCause = output.cause;
        this.#world.forget(this);
        events.sending.fileTransDisruptted.raise(this.project, FileTransDisrupttedType[output.type]);
        break;
    }
  }

  #open(path: string): void {
    const { files } = this.#world.platform;
    const { originPath } = this.project;
    this.#closeFile();
    const opened = files.openToRead(path === '' ? originPath : `${originPath}/${path}`);
    if ('code' in opened) this.#machine.handleEnding('failed', opened.detail);
    else this.#file = opened;
  }

  #read(offsetBytes: number, lengthBytes: number): void {
    const file = this.#file;
    file?.read(offsetBytes, lengthBytes, (result) => {
      if (this.#file !== file) return;
      if (result instanceof Uint8Array) this.#machine.handleRead(result);
      else this.#machine.handleEnding('failed', result.detail);
      this.pump();
    });
  }

  #next(): void {
    this.#walk ??= new FolderWalk(this.#world.platform.files, this.project.originPath);
    const entry = this.#walk.next();
    if (entry !== null && 'fault' in entry) this.#machine.handleEnding('failed', entry.fault);
    else this.#machine.handleEntry(entry);
  }

  #post(Index: number, body: PackageToPost): void {
    const way = this.#world.way(this.project.destUserID);
    if (way === undefined) return;
    this.#wayKind = way.kind;
    const [packageType, Data] = encodePackage(body);
    const { projectID } = this.project;
    way.post(MessageType.FilePackageData, codecs.FilePackage, {
      Data,
      Index,
      PackageType: packageType,
      ProjectID: projectID,
    });
  }

  #tell(InnerError: boolean, Cause: string): void {
    const { projectID, destUserID } = this.project;
    const value = { Cause, InnerError, ProjectID: projectID };
    this.#world.way(destUserID)?.post(MessageType.CancelFileSending, codecs.CancelFileContract, value);
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #now(): number {
    return this.#world.platform.monotonicMicros();
  }
}

function encodePackage(body: PackageToPost): [type: number, data: Uint8Array | null] {
  switch (body.kind) {
    case 'data':
      return [PackageType.FileTransferingPackage, body.data];
    case 'nextFile': {
      const value = { FileLength: body.sizeBytes, RelativeFilePath: body.path };
      return [PackageType.FoldTransferingNextFile, codecs.FoldTransferingNextFileInfo.encode(value)];
    }
    case 'newFolder':
      return [PackageType.NewChildFolder, encodeUtf8(body.path) ?? null];
    case 'finished':
      return [PackageType.Finished, null];
  }
}
