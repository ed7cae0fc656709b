/** Every file event of an engine, into the journal: the evidence for the laws of file transfer. It adds no behaviour. */
import { FileTransDisrupttedType } from '../../impl/index.ts';
import type { BaseFileController, FileTransferingEvents, TransferingProject } from '../../impl/index.ts';
import type { FileEventRecord, Journal } from './journal.ts';

const DISRUPTED_NAMES = new Map(Object.entries(FileTransDisrupttedType).map(([name, value]) => [value, name]));

/** Subscribes to everything. @param who - The name in diagrams. */
export function recordFileEvents(controller: BaseFileController, journal: Journal, subject: number, who: string): void {
  const record = (event: Omit<FileEventRecord, 'subject' | 'seq'>): void => {
    journal.fileEvent({ subject, ...event });
    const { side, what, detail } = event;
    if (what !== 'progress')
      journal.step({ from: who, label: `${side} ${what}${detail === null ? '' : ` ${detail}`}` });
    journal.changed();
  };
  const watch = (events: FileTransferingEvents, side: FileEventRecord['side']): void => {
    const of = ({
      projectID,
      totalSize,
    }: TransferingProject): Pick<FileEventRecord, 'projectID' | 'total' | 'side'> => ({
      projectID,
      total: totalSize,
      side,
    });
    events.fileTransStarted.add((p) => record({ ...of(p), what: 'started', bytes: 0, detail: p.projectName }));
    events.fileResumedTransStarted.add((p) => record({ ...of(p), what: 'resumed', bytes: 0, detail: p.projectName }));
    events.fileTransCompleted.add((p) => record({ ...of(p), what: 'completed', bytes: 0, detail: p.projectName }));
    events.fileTransDisruptted.add((p, type) =>
      record({ ...of(p), what: 'disrupted', bytes: 0, detail: DISRUPTED_NAMES.get(type) ?? String(type) }),
    );
    events.fileTransProgress.add((projectID, total, bytes) =>
      record({ projectID, total, side, what: 'progress', bytes, detail: null }),
    );
  };
  watch(controller.fileSendingEvents, 'sending');
  watch(controller.fileReceivingEvents, 'receiving');
}
