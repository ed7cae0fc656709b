/** A TransferingProject as the engine keeps it: what an application reads, and the few things that change. */
import { lastName } from '../../core/files/plain-names.ts';
import type { SendingFileParas, TransferingProject } from './api-files.ts';

/** What a project is from its first moment. */
export type ProjectFacts = Pick<
  TransferingProject,
  'projectID' | 'isFolder' | 'isSender' | 'senderID' | 'accepterID' | 'totalSize' | 'originPath' | 'comment'
> & {
  readonly originLastUpdateTime: number;
  readonly timeStarted: number;
  readonly sendingFileParas: SendingFileParas | null;
};

/** One transfer, at one end. */
export class Project implements TransferingProject {
  readonly projectID: string;
  readonly isFolder: boolean;
  readonly isSender: boolean;
  readonly senderID: string;
  readonly accepterID: string;
  readonly projectName: string;
  readonly totalSize: number;
  readonly originPath: string;
  readonly originLastUpdateTime: number;
  readonly sendingFileParas: SendingFileParas | null;
  readonly timeStarted: number;
  readonly comment: string | null;
  localSavePath: string | null = null;
  isTransfering = false;
  fileTransDisrupttedCause: string | null = null;
  localTag: unknown = null;

  constructor(facts: ProjectFacts) {
    this.projectID = facts.projectID;
    this.isFolder = facts.isFolder;
    this.isSender = facts.isSender;
    this.senderID = facts.senderID;
    this.accepterID = facts.accepterID;
    this.projectName = lastName(facts.originPath);
    this.totalSize = facts.totalSize;
    this.originPath = facts.originPath;
    this.originLastUpdateTime = facts.originLastUpdateTime;
    this.sendingFileParas = facts.sendingFileParas;
    this.timeStarted = facts.timeStarted;
    this.comment = facts.comment;
  }

  get destUserID(): string {
    return this.isSender ? this.accepterID : this.senderID;
  }
}
