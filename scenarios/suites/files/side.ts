/** One end of file transfers, client or server, with what it was told; and files on hosts as bytes. */
import { createHash } from 'node:crypto';
import { FileTransDisrupttedType } from '../../../impl/index.ts';
import type { BaseFileController, ResumedProjectItem, TransferingProject } from '../../../impl/index.ts';
import type { Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';

export type DisruptedName = keyof typeof FileTransDisrupttedType;

/** What an end was told, in order. `at` is the seconds of the run. */
export type Told = { readonly at: number; readonly projectID: string } & (
  | {
      readonly what: 'request';
      readonly senderID: string;
      readonly fileName: string;
      readonly totalSize: number;
      readonly resumed: ResumedProjectItem | null;
      readonly comment: string | null;
    }
  | { readonly what: 'response'; readonly agreed: boolean }
  | {
      readonly what: 'started' | 'resumed' | 'completed';
      readonly sending: boolean;
      readonly project: TransferingProject;
    }
  | { readonly what: 'progress'; readonly sending: boolean; readonly total: number; readonly transfered: number }
  | {
      readonly what: 'disrupted';
      readonly sending: boolean;
      readonly type: DisruptedName;
      readonly cause: string | null;
    }
);
export type ToldKind = Told['what'];
type ToldOf<K extends ToldKind> = Told & { readonly what: K };

const NAMES = new Map(Object.entries(FileTransDisrupttedType).map(([name, value]) => [value, name as DisruptedName]));

/** An end of transfers. */
export class Side {
  readonly stage: Stage;
  readonly host: string;
  /** As others address it. */
  readonly userID: string;
  readonly files: BaseFileController;
  readonly told: Told[] = [];

  constructor(stage: Stage, of: ClientSubject | ServerSubject) {
    this.stage = stage;
    this.host = of.host;
    this.userID = 'userID' in of ? of.userID : '_0';
    this.files = 'userID' in of ? of.engine!.fileOutter : of.engine.fileController;
    this.#subscribe();
  }

  /** The first event of a kind about a project, once it has come. */
  async heard<K extends ToldKind>(what: K, projectID: string, clause: string, withinSecs = 30): Promise<ToldOf<K>> {
    const found = (): ToldOf<K> | undefined => this.of(projectID, what)[0];
    const kinds = (): string =>
      this.of(projectID)
        .map((each) => each.what)
        .slice(-6)
        .join(', ');
    await this.stage.until(
      () => found() !== undefined,
      withinSecs,
      `${this.userID} heard no "${what}" about ${projectID}, only: ${kinds()}`,
      clause,
    );
    return found()!;
  }

  /** Everything about a project, or all of one kind. */
  of(projectID: string): Told[];
  of<K extends ToldKind>(projectID: string, what: K): ToldOf<K>[];
  of(projectID: string, what?: ToldKind): Told[] {
    return this.told.filter((each) => each.projectID === projectID && (what === undefined || each.what === what));
  }

  /** How a project ended here; undefined while it runs. */
  endOf(projectID: string): 'completed' | DisruptedName | undefined {
    const end = this.of(projectID).find((each) => each.what === 'completed' || each.what === 'disrupted');
    return end?.what === 'disrupted' ? end.type : end?.what === 'completed' ? 'completed' : undefined;
  }

  async ended(projectID: string, clause: string, withinSecs = 60): Promise<'completed' | DisruptedName> {
    await this.stage.until(
      () => this.endOf(projectID) !== undefined,
      withinSecs,
      `${projectID} did not end at ${this.userID}`,
      clause,
    );
    return this.endOf(projectID)!;
  }

  /** Agrees to every request, at once. */
  acceptAll(savePath: (fileName: string) => string, allowResume?: boolean): void {
    this.files.fileRequestReceived.add((projectID, _sender, fileName) =>
      this.files.beginReceiveFile(projectID, savePath(fileName), allowResume),
    );
  }

  write(path: string, bytes: Uint8Array): void {
    writeFile(this.stage, this.host, path, bytes);
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return readFile(this.stage, this.host, path);
  }

  #subscribe(): void {
    const note = (told: Told extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never): void => {
      this.told.push({ at: this.stage.nowSecs(), ...told });
    };
    this.files.fileRequestReceived.add((projectID, senderID, fileName, totalSize, resumed, comment) =>
      note({ what: 'request', projectID, senderID, fileName, totalSize, resumed, comment }),
    );
    this.files.fileResponseReceived.add(({ projectID }, agreed) => note({ what: 'response', projectID, agreed }));
    for (const sending of [true, false]) {
      const events = sending ? this.files.fileSendingEvents : this.files.fileReceivingEvents;
      const of = (project: TransferingProject) => ({ sending, project, projectID: project.projectID });
      events.fileTransStarted.add((project) => note({ what: 'started', ...of(project) }));
      events.fileResumedTransStarted.add((project) => note({ what: 'resumed', ...of(project) }));
      events.fileTransCompleted.add((project) => note({ what: 'completed', ...of(project) }));
      events.fileTransProgress.add((projectID, total, transfered) =>
        note({ what: 'progress', projectID, sending, total, transfered }),
      );
      events.fileTransDisruptted.add((project, type) => {
        const { projectID, fileTransDisrupttedCause: cause } = project;
        note({ what: 'disrupted', projectID, sending, type: NAMES.get(type) ?? 'InnerError', cause });
      });
    }
  }
}

/** Puts a file on a host. */
function writeFile(stage: Stage, host: string, path: string, bytes: Uint8Array): void {
  const file = stage.files(host).openToWrite(path, 0);
  if ('code' in file) throw new Error(`${path} could not be written: ${file.detail}`);
  const failure = bytes.length === 0 ? undefined : file.write(0, bytes);
  file.close();
  if (failure !== undefined) throw new Error(failure.detail);
}

/** A file of a host; undefined when there is none. */
async function readFile(stage: Stage, host: string, path: string): Promise<Uint8Array | undefined> {
  const files = stage.files(host);
  const info = files.stat(path);
  if (info?.kind !== 'file') return undefined;
  const file = files.openToRead(path);
  if ('code' in file) return undefined;
  let result: Uint8Array | { detail: string } | undefined;
  file.read(0, info.sizeBytes, (read) => (result = read));
  await stage.until(() => result !== undefined, 30, `${path} could not be read`);
  file.close();
  return result instanceof Uint8Array ? result : undefined;
}

/** Every file below a folder with the hash of its content, and every folder with a `/` at the end. */
export async function treeOf(stage: Stage, host: string, root: string): Promise<Record<string, string>> {
  const files = stage.files(host);
  const tree: Record<string, string> = {};
  const walk = async (at: string): Promise<void> => {
    for (const name of files.listFolder(`${root}${at}`) ?? []) {
      const path = `${at}/${name}`;
      if (files.stat(`${root}${path}`)?.kind === 'folder') {
        tree[`${path}/`] = 'folder';
        await walk(path);
      } else tree[path] = hashOf(await readFile(stage, host, `${root}${path}`));
    }
  };
  await walk('');
  return tree;
}

/** SHA-256 in hex; of nothing when there is no file. */
export function hashOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'no file' : createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that look like nothing in particular, the same for the same seed. */
export function contentOf(sizeBytes: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = (seed * 2_654_435_761 + 1) | 0;
  for (let index = 0; index < sizeBytes; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}

/** Checks that a file has arrived exactly as it was sent. */
export async function sameFile(from: Side, sentPath: string, to: Side, savedPath: string): Promise<void> {
  const [sent, saved] = [await from.read(sentPath), await to.read(savedPath)];
  from.stage.equal(hashOf(saved), hashOf(sent), 'FIL-051', `${savedPath} is not what ${sentPath} was`);
}
