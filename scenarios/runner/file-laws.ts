/** The laws of file transfer that hold in every run: one beginning, growing progress, one end, and no end without its due. */
import type { FileEventRecord } from '../attach/journal.ts';
import type { BrokenInvariant, Evidence } from './invariants.ts';

/** Broken laws, the first of each project. */
export function fileLaws(journal: Evidence): BrokenInvariant[] {
  const projects = new Map<string, FileEventRecord[]>();
  for (const event of journal.fileEvents) {
    const key = `${event.subject} ${event.side} ${event.projectID}`;
    const list = projects.get(key);
    if (list === undefined) projects.set(key, [event]);
    else list.push(event);
  }
  const broken = [...projects.values()].flatMap((events) => lawsOfOne(events) ?? []);
  return [...broken, ...completedAtBoth(journal)].slice(0, 1);
}

function lawsOfOne(events: readonly FileEventRecord[]): BrokenInvariant | undefined {
  const { projectID, side, total } = events[0]!;
  const what = `${side} of ${projectID}`;
  let state: 'new' | 'running' | 'over' = 'new';
  let bytes = -1;
  for (const event of events) {
    const fault = (clause: string, message: string, expected: string): BrokenInvariant => ({
      clause,
      message: `${what}: ${message}`,
      expected,
      actual: events
        .map((each) => each.what)
        .join(', ')
        .slice(-200),
    });
    if (state === 'over') return fault('FIL-021', `${event.what} came after the end`, 'nothing after the end');
    if (event.what === 'started' || event.what === 'resumed') {
      if (state !== 'new') return fault('FIL-007', 'it began twice', 'one beginning');
      state = 'running';
    } else if (event.what === 'progress') {
      if (state !== 'running') return fault('FIL-007', 'progress came before the beginning', 'a beginning first');
      if (event.bytes <= bytes || event.bytes > total) {
        return fault('FIL-007', `progress went from ${bytes} to ${event.bytes} of ${total}`, 'growing, at most all');
      }
      bytes = event.bytes;
    } else {
      if (event.what === 'completed' && (state !== 'running' || (bytes >= 0 && bytes !== total))) {
        return fault('FIL-013', `it was complete after ${bytes} of ${total} bytes`, 'all bytes');
      }
      state = 'over';
    }
  }
  return undefined;
}

/** FIL-013: a sender calls nothing complete that its receiver does not. */
function completedAtBoth(journal: Evidence): BrokenInvariant[] {
  const completed = journal.fileEvents.filter((event) => event.what === 'completed');
  const received = new Set(completed.filter(({ side }) => side === 'receiving').map(({ projectID }) => projectID));
  if (journal.rawServer || journal.rawNames.size > 0) return [];
  const lone = completed.find(({ side, projectID }) => side === 'sending' && !received.has(projectID));
  if (lone === undefined) return [];
  const message = `${lone.projectID} was complete for its sender and not for its receiver`;
  return [{ clause: 'FIL-013', message, expected: 'completed at both ends', actual: 'at the sender only' }];
}
