/**
 * What is known of one connection so far: who is logged on, what is unanswered, who has closed. The rules read it.
 *
 * Brought up to date after the rules have looked at a message, so a rule sees what held before it. Judges nothing.
 */
import { MessageType } from '../../spec/grammar/index.ts';
import { LogonResult } from '../../spec/errors.ts';
import { SERVER_ID } from '../../spec/limits.ts';
import type { FrameError } from '../../impl/wire/index.ts';
import { BlobTracks } from './blob-tracks.ts';
import type { BlobFragment, LogonReply } from './decode-body.ts';
import { isAnswer, isRequest, OpenRequests } from './exchanges.ts';
import type { JudgedMessage, Place } from './judged.ts';
import type { Neighbours } from './neighbours.ts';

/**
 * Where the logon stands. `fresh`: no client message yet. `logonSent`: no answer yet. `bound`: Succeed was answered.
 * `refused`: another answer. `noLogon`: something else came first. `unknown`: the capture began too late to tell.
 */
export type Phase = 'fresh' | 'logonSent' | 'bound' | 'refused' | 'noLogon' | 'unknown';

/** What one side has done to end the connection. */
export type SideState = {
  /** Its FIN, or the RST it sent. */
  closed: { readonly packet: number; readonly timeMicros: number; readonly isReset: boolean } | undefined;
  /** What made its stream unreadable. */
  invalid: { readonly error: FrameError | undefined; readonly place: Place } | undefined;
  /** Its last whole message. */
  last: Place | undefined;
  messages: number;
};

/** Settings of the two ends that are not on the wire; rules that need one are silent without it. */
export type Expectations = {
  /** Seconds between two heartbeats of a client (HBT-001). */
  readonly heartbeatSpanSecs?: number;
};

/**
 *
 */
export class Facts {
  readonly userIdBytesMax: number;
  readonly expectations: Expectations;
  readonly neighbours: Neighbours;
  /** The connection was seen from its SYN, in both directions, without a hole so far. */
  isWhole: boolean;
  phase: Phase;
  /** Source id of the Logon; of the first client message when the logon was not seen. */
  user: string | undefined;
  logon: Place | undefined;
  logonReply: (Place & { readonly result: number }) | undefined;
  /** The server told the client to go (types 4 and 6). */
  notice: (Place & { readonly type: number }) | undefined;
  /** A client message under another name than the user's. */
  wrongSource: Place | undefined;
  /** The Succeed answer on a newer connection of the same user. */
  replacedBy: Place | undefined;
  /** The message that came before a logon. */
  early: Place | undefined;
  readonly client: SideState = { closed: undefined, invalid: undefined, last: undefined, messages: 0 };
  readonly server: SideState = { closed: undefined, invalid: undefined, last: undefined, messages: 0 };
  /** By direction of the request: made by the client's side, or come from the server. */
  readonly clientRequests = new OpenRequests();
  readonly serverRequests = new OpenRequests();
  readonly clientBlobs = new BlobTracks();
  readonly serverBlobs = new BlobTracks();
  /** Message id of the last message the client numbered itself; 0 at the start. */
  lastClientId = 0;
  /** The client has left the sequence 1, 2, 3, ..., or may number messages of channels as well. */
  numberingBroken = false;
  heartbeats = { count: 0, first: 0, last: 0, intervalMin: Infinity, intervalMax: 0 };

  constructor(userIdBytesMax: number, isWhole: boolean, expectations: Expectations, neighbours: Neighbours) {
    this.userIdBytesMax = userIdBytesMax;
    this.expectations = expectations;
    this.neighbours = neighbours;
    this.isWhole = isWhole;
    this.phase = isWhole ? 'fresh' : 'unknown';
  }

  /** The side that sent, or the other one. */
  side(isServer: boolean): SideState {
    return isServer ? this.server : this.client;
  }

  /** The request that a message answers, if it is an answer and the request was seen. */
  requestOf(answer: Pick<JudgedMessage, 'type' | 'id' | 'dest' | 'isFromServer'>): OpenRequestOf {
    if (!isAnswer(answer)) return undefined;
    const open = answer.isFromServer ? this.clientRequests : this.serverRequests;
    // A client's answer names the asker as destination; the server's own requests may be named by the empty id.
    const asker = answer.isFromServer ? (this.user ?? answer.dest) : partyOf(answer.dest);
    return open.find(asker, answer.id);
  }

  /** Takes a message that the rules have seen. */
  observe(message: JudgedMessage): void {
    const { packet, timeMicros, isFromServer, offset } = message;
    const place: Place = { packet, timeMicros, isFromServer, offset };
    const side = this.side(isFromServer);
    side.last = place;
    side.messages += 1;
    // From here on the client may number messages that go over a channel, which nobody sees here.
    if (message.type === MessageType.InviteUdpP2P || message.type === MessageType.InviteTcpP2P) {
      this.numberingBroken = true;
    }
    if (isFromServer) this.#observeServer(message, place);
    else this.#observeClient(message, place);
    if (message.type === MessageType.BlobInformation || message.type === MessageType.BlobByRapidEngine) {
      const blobs = isFromServer ? this.serverBlobs : this.clientBlobs;
      if (message.value !== undefined && message.value !== null) blobs.add(message, message.value as BlobFragment);
    }
    if (isAnswer(message)) {
      const { request } = message;
      if (request === undefined) return;
      const open = isFromServer ? this.clientRequests : this.serverRequests;
      open.settle(makerOf(request), request.id);
    } else if (isRequest(message)) {
      const open = isFromServer ? this.serverRequests : this.clientRequests;
      open.add(message, makerOf(message));
    }
  }

  #observeClient(message: JudgedMessage, place: Place): void {
    if (message.type === MessageType.Logon && this.phase === 'fresh') {
      this.phase = 'logonSent';
      this.user = message.source;
      this.logon = place;
    } else if (this.phase === 'fresh') {
      this.phase = 'noLogon';
      this.early = place;
    }
    this.user ??= message.source;
    if (message.source !== this.user) this.wrongSource ??= place;
    if (!isAnswer(message)) {
      if (message.id !== this.lastClientId + 1) this.numberingBroken = true;
      this.lastClientId = message.id;
    }
    if (message.type === MessageType.HeartBeat) this.#observeHeartbeat(message.timeMicros);
  }

  #observeServer(message: JudgedMessage, place: Place): void {
    if (message.type === MessageType.Logon && this.phase !== 'bound' && this.phase !== 'noLogon') {
      const result = (message.value as LogonReply | null | undefined)?.LogonResult;
      this.logonReply = { ...place, result: result ?? -1 };
      if (this.phase !== 'unknown' || result === LogonResult.Succeed) {
        this.phase = result === LogonResult.Succeed ? 'bound' : 'refused';
      }
      this.user ??= message.dest;
    }
    const isNotice =
      message.type === MessageType.BeingPushedOutNotify || message.type === MessageType.BeingKickedOutNotify;
    if (isNotice && isServerName(message.source)) this.notice ??= { ...place, type: message.type };
    if (this.phase === 'unknown' && message.dest !== '' && message.dest !== SERVER_ID) this.user ??= message.dest;
  }

  #observeHeartbeat(timeMicros: number): void {
    const beats = this.heartbeats;
    if (beats.count > 0) {
      beats.intervalMin = Math.min(beats.intervalMin, timeMicros - beats.last);
      beats.intervalMax = Math.max(beats.intervalMax, timeMicros - beats.last);
    } else beats.first = timeMicros;
    beats.last = timeMicros;
    beats.count += 1;
  }
}

type OpenRequestOf = ReturnType<OpenRequests['find']>;

/** FRM-016, FRM-031: the server's names. */
export function isServerName(id: string): boolean {
  return id === SERVER_ID || id === '';
}

/** One name for the server, whichever was used. */
export function partyOf(id: string): string {
  return isServerName(id) ? SERVER_ID : id;
}

/** Who made a request: the user itself, or whoever it came from through the server. */
function makerOf(message: { readonly source: string; readonly isFromServer: boolean }): string {
  return message.isFromServer ? partyOf(message.source) : message.source;
}
