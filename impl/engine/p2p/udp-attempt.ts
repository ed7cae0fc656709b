/**
 * One attempt to reach a peer over UDP: a socket, the punching machine, and reliable UDP over the way it finds.
 *
 * It signals by itself. It ends by `onLink` or `onFailed`, once; after a link it stays to answer the peer's last probes until
 * the link is gone.
 */
import { P2PInvitationKind } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import { p2pAttemptSecs } from '../../../spec/timing.ts';
import { Punching, sameEndpoint } from '../../core/punching/index.ts';
import type { PunchOutput, Role, Side } from '../../core/punching/index.ts';
import { codecs } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { toInvitation } from './invitation.ts';
import type { DirectLink, DirectLinkHandlers } from './link.ts';
import type { PunchReceiver, PunchSocket } from './punch-socket.ts';
import { RudpLink } from './rudp-link.ts';
import type { MeasuredSocket, UdpDesk } from './udp-desk.ts';

export type AttemptOwner = {
  handleLink(link: DirectLink): DirectLinkHandlers;
  handleFailed(detail: string): void;
};

export type AttemptOptions = { readonly peerID: string; readonly token: bigint; readonly role: Role };

/** One attempt; begins by itself. */
export class UdpAttempt implements PunchReceiver {
  readonly token: bigint;
  readonly role: Role;
  readonly #world: ConnectorWorld;
  readonly #desk: UdpDesk;
  readonly #options: AttemptOptions;
  readonly #owner: AttemptOwner;
  readonly #machine: Punching;
  readonly #alarm: Alarm;
  #socket: PunchSocket | undefined;
  #link: RudpLink | undefined;
  #isAcknowledged = false;
  #isConnected = false;
  #isOver = false;

  constructor(world: ConnectorWorld, desk: UdpDesk, options: AttemptOptions, owner: AttemptOwner) {
    this.#world = world;
    this.#desk = desk;
    this.#options = options;
    this.#owner = owner;
    this.token = options.token;
    this.role = options.role;
    const { token, role } = options;
    const patienceMicros = secsToMicros(p2pAttemptSecs);
    this.#machine = new Punching(world.platform.monotonicMicros(), { token, role, patienceMicros });
    this.#alarm = new Alarm(world.platform, (nowMicros) => {
      this.#machine.handleTimer(nowMicros);
      this.#pump();
    });
    this.#pump();
    desk.whenKnown(() => this.#begin());
  }

  /** Neither failed nor connected. */
  get isTrying(): boolean {
    return !this.#isOver && !this.#isConnected;
  }

  /** The peer has said something: the invitation was received. */
  handlePeer(peer: Side): void {
    this.#machine.handlePeer(this.#nowMicros, peer);
    this.#pump();
  }

  handleProbe(from: Endpoint, number: number): void {
    this.#machine.handleProbe(this.#nowMicros, from, number);
    this.#pump();
  }

  handleAck(from: Endpoint, number: number): void {
    this.#machine.handleAck(from, number);
    this.#pump();
  }

  handleHandshake(from: Endpoint, bytes: Uint8Array): void {
    if (this.#isOver) return;
    // Whoever has the token and was heard here is worth an answer there, unless a better way is known.
    if (!this.#isAcknowledged) this.#useWay(from, false);
    this.#link?.handleDatagram(bytes);
  }

  /** Refused by the peer, or taken back. */
  giveUp(detail: string): void {
    this.#machine.giveUp(detail);
    this.#pump();
  }

  /** Ends without a word to anybody. */
  abandon(): void {
    if (this.#isConnected || this.#isOver) return;
    this.#end();
  }

  get #nowMicros(): number {
    return this.#world.platform.monotonicMicros();
  }

  #begin(): void {
    if (this.#isOver) return;
    if (!this.#desk.isUsable) {
      this.giveUp('no UDP socket could be bound');
      return;
    }
    if (!this.#desk.needsFresh) {
      this.#use(this.#desk.common((news) => this.#use(news)));
      return;
    }
    // P2P-021: the peer is told at once that a measurement comes, and then the measurement.
    const main = this.#desk.result;
    const socket = this.#desk.fresh((measured) => {
      if (measured === undefined) this.giveUp('no UDP socket could be bound');
      else this.#use(measured);
    });
    this.#adopt(socket);
    const unmeasured = main === undefined ? undefined : { ...main, lastPort: 0, step: 0 };
    this.#tell(this.#desk.side({ socket, result: unmeasured }));
  }

  /** A socket and what is known of it: the peer is told, and the machine may begin. */
  #use(measured: MeasuredSocket): void {
    if (this.#isOver || this.#isConnected) return;
    this.#adopt(measured.socket);
    const side = this.#desk.side(measured);
    this.#tell(side);
    this.#machine.handleOwn(this.#nowMicros, side);
    this.#pump();
  }

  #adopt(socket: PunchSocket): void {
    if (this.#socket === socket) return;
    this.#socket = socket;
    socket.addAttempt(this.token, this);
  }

  #tell(side: Side): void {
    const kind = this.role === 'inviter' ? P2PInvitationKind.Invite : P2PInvitationKind.Answer;
    const value = toInvitation(kind, this.token, side);
    this.#world.signal(this.#options.peerID, MessageType.InviteUdpP2P, codecs.P2PInvitationContract, value);
  }

  #pump(): void {
    for (;;) {
      if (this.#isOver) return;
      const output = this.#machine.poll();
      if (output.kind === 'wait') {
        this.#alarm.clear();
        this.#alarm.aim(output.untilMicros);
        return;
      }
      this.#handle(output);
    }
  }

  #handle(output: Exclude<PunchOutput, { kind: 'wait' }>): void {
    switch (output.kind) {
      case 'datagram':
        this.#socket?.send(output.bytes, output.to);
        break;
      case 'way':
        this.#useWay(output.remote, output.isAcknowledged);
        break;
      case 'failed':
        this.#fail(output.detail);
        break;
    }
  }

  /** Begins the handshake, or moves it to a better way (P2P-022). */
  #useWay(remote: Endpoint, isAcknowledged: boolean): void {
    const socket = this.#socket;
    if (socket === undefined || this.#isConnected) return;
    this.#isAcknowledged ||= isAcknowledged;
    if (this.#link === undefined) {
      this.#link = this.#createLink(socket, remote);
    } else if (!sameEndpoint(this.#link.remote, remote)) {
      this.#link.correctRemote(remote);
    }
    socket.addLink(remote, this.#link);
  }

  #createLink(socket: PunchSocket, remote: Endpoint): RudpLink {
    const { platform } = this.#world;
    const local = { address: platform.localAddresses()[0] ?? '0.0.0.0', port: socket.port };
    return new RudpLink(
      { platform, local, remote, token: this.token, send: (bytes, to) => socket.send(bytes, to) },
      {
        handleConnected: (link) => {
          this.#isConnected = true;
          this.#machine.handleConnected();
          this.#pump();
          return this.#owner.handleLink(link);
        },
        handleFailed: (reason) => this.#fail(`reliable UDP: ${reason}`),
        handleReleased: () => this.#end(),
      },
    );
  }

  #fail(detail: string): void {
    if (this.#isOver) return;
    const wasConnected = this.#isConnected;
    this.#end();
    if (!wasConnected) this.#owner.handleFailed(detail);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#alarm.clear();
    const socket = this.#socket;
    const link = this.#link;
    if (socket === undefined) return;
    socket.removeAttempt(this.token);
    if (link !== undefined) {
      socket.removeLink(link);
      link.release();
    }
    this.#desk.release(socket);
  }
}
