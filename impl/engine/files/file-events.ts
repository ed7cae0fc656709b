/** The events of one direction of file transfer, and those of the controller. */
import type { Platform } from '../../../spec/platform.ts';
import type { FileTransDisrupttedType } from '../enums.ts';
import { EventSource } from '../event.ts';
import type { FileRequestReceivedArgs, FileTransferingEvents, TransferingProject } from './api-files.ts';

/** IFileTransferingEvents. */
export class TransferEvents implements FileTransferingEvents {
  readonly fileTransStarted: EventSource<[project: TransferingProject]>;
  readonly fileResumedTransStarted: EventSource<[project: TransferingProject]>;
  readonly fileTransProgress: EventSource<[projectID: string, total: number, transfered: number]>;
  readonly fileTransCompleted: EventSource<[project: TransferingProject]>;
  readonly fileTransDisruptted: EventSource<[project: TransferingProject, type: FileTransDisrupttedType]>;

  constructor(platform: Platform) {
    this.fileTransStarted = new EventSource(platform, 'fileTransStarted');
    this.fileResumedTransStarted = new EventSource(platform, 'fileResumedTransStarted');
    this.fileTransProgress = new EventSource(platform, 'fileTransProgress');
    this.fileTransCompleted = new EventSource(platform, 'fileTransCompleted');
    this.fileTransDisruptted = new EventSource(platform, 'fileTransDisruptted');
  }

  raiseStarted(project: TransferingProject, resumed: boolean): void {
    (resumed ? this.fileResumedTransStarted : this.fileTransStarted).raise(project);
  }

  raiseProgress(project: TransferingProject, transfered: number): void {
    // Once a package: not worth the arguments when nobody listens.
    if (this.fileTransProgress.hasHandlers) {
      this.fileTransProgress.raise(project.projectID, project.totalSize, transfered);
    }
  }
}

/** All events of a controller. */
export class FileEvents {
  readonly sending: TransferEvents;
  readonly receiving: TransferEvents;
  readonly fileRequestReceived: EventSource<FileRequestReceivedArgs>;
  readonly fileResponseReceived: EventSource<[project: TransferingProject, agreed: boolean]>;

  constructor(platform: Platform) {
    this.sending = new TransferEvents(platform);
    this.receiving = new TransferEvents(platform);
    this.fileRequestReceived = new EventSource(platform, 'fileRequestReceived');
    this.fileResponseReceived = new EventSource(platform, 'fileResponseReceived');
  }
}
