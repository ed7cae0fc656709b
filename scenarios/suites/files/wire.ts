/** The file room's messages for raw peers: one end of a project played by hand. */
import { UNIX_EPOCH_TICKS } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractName, ContractOf } from '../../../spec/grammar/index.ts';
import { PackageType } from '../../../spec/errors.ts';
import { codecs, encodeUtf8 } from '../../../impl/wire/index.ts';
import type { RawConnection, SeenMessage } from '../../attach/raw-peer.ts';
import { CheckFailed } from '../../attach/failures.ts';

/** The body of a message by its contract; fails the case when it is none. */
export function bodyOf<Name extends ContractName>(message: SeenMessage, contract: Name): ContractOf<Name> {
  const decoded = codecs[contract].decode(message.body);
  if (!decoded.ok)
    throw new CheckFailed(`a ${contract} does not decode: ${decoded.error.detail}`, { clause: 'FIL-010' });
  return decoded.value;
}

/** Asks to send; the parts that matter can be set. */
export function request(
  peer: RawConnection,
  destId: string,
  parts: Partial<ContractOf<'BeginSendFileContract'>> = {},
): string {
  const value = {
    Comment: null,
    IsFolder: false,
    LastUpdateTime: UNIX_EPOCH_TICKS,
    OriginPath: '/home/mallory/plan.bin',
    ProjectID: 'mallory_0123456789abcdef',
    TotalSize: 10,
    ...parts,
  };
  peer.send({ messageType: MessageType.BeginSendFile, destId, body: codecs.BeginSendFileContract.encode(value) });
  return value.ProjectID ?? '';
}

/** Agrees, from the beginning unless said otherwise. */
export function agree(
  peer: RawConnection,
  destId: string,
  ProjectID: string,
  parts: Partial<ContractOf<'RejectOrAcceptFileContract'>> = {},
): void {
  const body = codecs.RejectOrAcceptFileContract.encode({
    Agree: true,
    DisrupttedFileReceivedCount: 0,
    DisrupttedFileRelativePath: null,
    DisrupttedFileSize: 0,
    ProjectID,
    ReceivedCount: 0,
    RejectCause: null,
    ...parts,
  });
  peer.send({ messageType: MessageType.RejectOrAcceptFile, destId, body });
}

/** A sender played by hand: packages with the right Index unless told another. */
export class RawSender {
  readonly #peer: RawConnection;
  readonly #destId: string;
  readonly #projectID: string;
  index = 0;

  constructor(peer: RawConnection, destId: string, projectID: string) {
    this.#peer = peer;
    this.#destId = destId;
    this.#projectID = projectID;
  }

  data(bytes: Uint8Array | null): void {
    this.#post(PackageType.FileTransferingPackage, bytes);
  }

  nextFile(RelativeFilePath: string, FileLength: number): void {
    const info = codecs.FoldTransferingNextFileInfo.encode({ FileLength, RelativeFilePath });
    this.#post(PackageType.FoldTransferingNextFile, info);
  }

  folder(path: string): void {
    this.#post(PackageType.NewChildFolder, encodeUtf8(path) ?? null);
  }

  finished(): void {
    this.#post(PackageType.Finished, null);
  }

  other(type: number): void {
    this.#post(type, null);
  }

  #post(type: number, Data: Uint8Array | null): void {
    this.index = (this.index + 1) & 0xff;
    const value = { Data, Index: this.index, PackageType: type, ProjectID: this.#projectID };
    const body = codecs.FilePackage.encode(value);
    this.#peer.send({ messageType: MessageType.FilePackageData, destId: this.#destId, body });
  }
}

/** Says that a file, or the project, is complete. */
export function confirm(peer: RawConnection, destId: string, ProjectID: string): void {
  const body = codecs.SingleFileNotifyContract.encode({ ProjectID });
  peer.send({ messageType: MessageType.SingleFileRevFinishedNotify, destId, body });
}

/** Gives the project up. */
export function cancel(
  peer: RawConnection,
  destId: string,
  ProjectID: string,
  how: { readonly bySender: boolean; readonly InnerError?: boolean; readonly Cause?: string | null },
): void {
  const { bySender, InnerError = false, Cause = null } = how;
  const messageType = bySender ? MessageType.CancelFileSending : MessageType.CancelFileReceiving;
  peer.send({ messageType, destId, body: codecs.CancelFileContract.encode({ Cause, InnerError, ProjectID }) });
}
