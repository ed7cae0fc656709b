/**
 * The recording half of a client subject: its events, what it sent, what it still owes. Any kind of client uses it.
 *
 * It decides nothing. A subject calls `record` for what its client reports, and `sent`/`asked` for what it was told to do.
 */
import type { ClientEvent, ClientSubject, LogonOutcome } from './client-subject.ts';
import { SERVER_NAME, bytesLabel } from './journal.ts';
import type { AskRecord, Channel, Journal, SendRecord, SubjectRecord } from './journal.ts';
import { waitForEvent } from './waiting.ts';
import type { Waiting } from './waiting.ts';
import type { StageHost, StageWorld } from './world.ts';

/** What every subject is made from. */
export type SubjectContext = {
  readonly world: StageWorld;
  readonly journal: Journal;
  readonly waiting: Waiting;
  readonly host: StageHost;
};

type WithoutTime<E> = E extends unknown ? Omit<E, 'atMicros'> : never;
/** A client event before its time is filled in. */
export type NewClientEvent = WithoutTime<ClientEvent>;

/** How the server is called in sequence diagrams. */
export const SERVER_LABEL = 'server';

/** Events, journal entries and diagram of one client. */
export class ClientRecorder {
  readonly userID: string;
  readonly events: ClientEvent[] = [];
  readonly subject: SubjectRecord;
  readonly #context: SubjectContext;

  constructor(context: SubjectContext, userID: string) {
    this.#context = context;
    this.userID = userID;
    this.subject = context.journal.addSubject(userID, 'client', context.host.name);
  }

  readonly waitFor: ClientSubject['waitFor'] = (kind, options) =>
    waitForEvent<ClientEvent, Extract<ClientEvent, { kind: typeof kind }>>(
      this.#context.waiting,
      this.userID,
      this.events,
      kind,
      options,
    );

  /** Something happened at the client. */
  record(event: NewClientEvent): void {
    const { journal } = this.#context;
    this.events.push({ atMicros: journal.nowMicros, ...event });
    if (event.kind === 'information' || event.kind === 'messageReceived') {
      journal.delivered({
        subject: this.subject.index,
        receiver: this.userID,
        source: event.source ?? SERVER_NAME,
        channel: event.kind === 'information' ? 'information' : 'message',
        informationType: event.informationType,
        info: event.info,
        tag: event.kind === 'messageReceived' ? event.tag : null,
      });
    }
    if (event.kind === 'broadcastReceived') {
      journal.broadcastDelivered({
        subject: this.subject.index,
        receiver: this.userID,
        source: event.source ?? SERVER_NAME,
        groupID: event.groupID,
        broadcastType: event.broadcastType,
        info: event.info,
        tag: event.tag,
      });
    }
    journal.observed.saw(this.userID, classOf(event));
    journal.step(stepOf(this.userID, event));
    journal.changed();
  }

  /** The client was told to send. */
  sent(
    channel: Channel,
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    tag: string | null = null,
  ): SendRecord {
    this.#context.journal.step({
      from: this.userID,
      to: target ?? SERVER_LABEL,
      label: `${channel} ${informationType}: ${bytesLabel(info)}`,
    });
    return this.#context.journal.sent({
      subject: this.subject.index,
      source: this.userID,
      target: target ?? SERVER_NAME,
      channel,
      informationType,
      info,
      tag,
    });
  }

  /** The client was told to do something that must be answered exactly once. */
  asked(what: AskRecord['what'], label: string, withCallback: boolean): AskRecord {
    return this.#context.journal.asked(this.subject.index, what, label, withCallback);
  }

  /** Counts the settling of an asked promise; the promise given back never counts as unhandled. */
  settles<T>(promise: Promise<T>, ask: AskRecord, onResolved?: () => void): Promise<T> {
    const { journal, world } = this.#context;
    const settled = (): void => {
      ask.settledCount += 1;
      world.noteAsyncEdge();
      journal.changed();
    };
    const { observed } = journal;
    promise.then(
      () => {
        observed.called(this.userID, ask.what);
        onResolved?.();
        settled();
      },
      (error: unknown) => {
        observed.called(this.userID, ask.what, error);
        settled();
      },
    );
    return promise;
  }

  /** A logon ended. */
  loggedOn(outcome: LogonOutcome): void {
    this.#context.journal.observed.saw(this.userID, `logon ${outcome.logonResult}`);
    this.note(`logon: ${outcome.logonResult}`);
  }

  note(label: string): void {
    this.#context.journal.step({ from: this.userID, label });
  }
}

function stepOf(userID: string, event: NewClientEvent): { from: string; to?: string; label: string } {
  switch (event.kind) {
    case 'information':
    case 'query':
    case 'messageReceived': {
      const what = event.kind === 'information' ? 'gets' : event.kind === 'query' ? 'is asked' : 'gets message';
      const from = event.source ?? SERVER_LABEL;
      return { from, to: userID, label: `${userID} ${what} ${event.informationType}: ${bytesLabel(event.info)}` };
    }
    case 'broadcastReceived': {
      const label = `${userID} gets broadcast ${event.broadcastType} in ${event.groupID}: ${bytesLabel(event.info)}`;
      return { from: event.source ?? SERVER_LABEL, to: userID, label };
    }
    case 'contactsConnected':
    case 'contactsOffline':
      return { from: SERVER_LABEL, to: userID, label: `${userID} is told ${event.kind} ${event.userID}` };
    case 'relogonCompleted':
      return { from: userID, label: `relogonCompleted ${event.response.logonResult}` };
    case 'invalidMsgReceived':
      return { from: userID, label: `invalidMsgReceived ${event.invalidType}` };
    case 'connectionInterrupted':
    case 'connectionRebuildStart':
    case 'beingPushedOut':
    case 'beingKickedOut':
      return { from: userID, label: event.kind };
  }
}

/** What is the same wherever it happens. */
function classOf(event: NewClientEvent): string {
  switch (event.kind) {
    case 'relogonCompleted':
      return `relogonCompleted ${event.response.logonResult}`;
    case 'invalidMsgReceived':
      return `invalidMsgReceived ${event.invalidType}`;
    case 'contactsConnected':
    case 'contactsOffline':
      return `${event.kind} ${event.userID}`;
    case 'information':
    case 'query':
    case 'messageReceived':
    case 'broadcastReceived':
    case 'connectionInterrupted':
    case 'connectionRebuildStart':
    case 'beingPushedOut':
    case 'beingKickedOut':
      return event.kind;
  }
}
