/**
 * One attempt to reach a peer over TCP: the dialling machine, the connections it asked for, and the choice among them
 * (P2P-024 to P2P-028).
 *
 * It signals by itself and ends by `handleLink` or `handleFailed` of its owner, once.
 */
import { P2PInvitationKind } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { Endpoint, TcpCloseReason } from '../../../spec/platform.ts';
import { p2pAttemptSecs } from '../../../spec/timing.ts';
import { Dialing, sameEndpoint } from '../../core/punching/index.ts';
import type { Role, Side } from '../../core/punching/index.ts';
import { codecs } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { toInvitation } from './invitation.ts';
import type { TcpDesk } from './tcp-desk.ts';
import type { ChannelTest, ConnectionOwner, TestedConnection } from './tested-connection.ts';
import type { AttemptOptions, AttemptOwner } from './udp-attempt.ts';
import { sideOf } from './udp-desk.ts';
import type { UdpDesk } from './udp-desk.ts';

/** Ports to measure from, when the listening one is of no use: the dynamic ones of RFC 6335. */
const FRESH_PORT_MIN = 49_152;
const FRESH_PORT_COUNT = 16_384;

/** One attempt; begins by itself. */
export class TcpAttempt implements ConnectionOwner {
  readonly token: bigint;
  readonly role: Role;
  readonly #world: ConnectorWorld;
  readonly #desk: TcpDesk;
  readonly #udp: UdpDesk;
  readonly #options: AttemptOptions;
  readonly #owner: AttemptOwner;
  readonly #machine: Dialing;
  readonly #alarm: Alarm;
  readonly #connections = new Set<TestedConnection>();
  /** Inviter: the connection that was chosen, and those whose test came. */
  #chosen: TestedConnection | undefined;
  readonly #tested = new Set<TestedConnection>();
  #dialPort = 0;
  #hasBegun = false;
  #isHopeful = false;
  #isOver = false;

  constructor(
    world: ConnectorWorld,
    desks: { readonly tcp: TcpDesk; readonly udp: UdpDesk },
    options: AttemptOptions,
    owner: AttemptOwner,
  ) {
    this.#world = world;
    this.#desk = desks.tcp;
    this.#udp = desks.udp;
    this.#options = options;
    this.#owner = owner;
    this.token = options.token;
    this.role = options.role;
    this.#machine = new Dialing(world.platform.monotonicMicros(), {
      role: options.role,
      patienceMicros: secsToMicros(p2pAttemptSecs),
      rttMicros: desks.udp.rttMicros,
    });
    this.#alarm = new Alarm(world.platform, (nowMicros) => {
      this.#machine.handleTimer(nowMicros);
      this.#pump();
    });
    this.#desk.addAttempt(options.token, this);
    this.#pump();
    // Whoever tells the public address first; certain targets need no more.
    const { tcp, udp } = desks;
    udp.whenKnown(() => {
      if (udp.result !== undefined) this.#begin();
      else tcp.whenKnown(() => this.#begin());
    });
    tcp.whenKnown(() => {
      if (tcp.result !== undefined) this.#begin();
    });
  }

  get isTrying(): boolean {
    return !this.#isOver;
  }

  handlePeer(peer: Side): void {
    this.#machine.handlePeer(this.#nowMicros, peer);
    this.#pump();
  }

  /** NATs may be opened from both sides from now on (P2P-027, P2P-028). */
  handleHopeful(): void {
    if (this.#isHopeful || this.#isOver) return;
    this.#isHopeful = true;
    if (this.#hasBegun) this.#beginHopeful();
  }

  /** UDP is tried meanwhile, and what follows depends on it. */
  prolong(untilMicros: number): void {
    this.#machine.prolong(untilMicros);
    this.#pump();
  }

  /** UDP has a link: only what is certain is worth waiting for, and not for long. */
  limit(untilMicros: number): void {
    this.#machine.limit(untilMicros);
    this.#pump();
  }

  handleTest(connection: TestedConnection, test: ChannelTest): boolean {
    if (this.#isOver || test.token !== this.token || test.peerID !== this.#options.peerID) return false;
    this.#connections.add(connection);
    if (this.role === 'inviter') return this.#handleTestAsInviter(connection, test);
    if (!connection.hasSentTest) this.#sendTest(connection, false);
    if (test.isChosen) this.#open(connection);
    return true;
  }

  /** P2P-026: the inviter chooses the first that is up and waits for its test; a lost choice is replaced. */
  handleUp(connection: TestedConnection): void {
    if (this.#isOver) return;
    const isChosen = this.role === 'inviter' && this.#chosen === undefined;
    if (isChosen) this.#chosen = connection;
    this.#sendTest(connection, isChosen);
  }

  handleLost(connection: TestedConnection, reason: TcpCloseReason): void {
    if (!this.#connections.delete(connection)) return;
    this.#tested.delete(connection);
    if (this.#chosen === connection) this.#chooseAnother();
    if (this.#isOver || connection.dialledTo === undefined) return;
    this.#machine.handleDialFailed(this.#nowMicros, connection.dialledTo, reason === 'localError');
    this.#pump();
  }

  giveUp(detail: string): void {
    if (this.#isOver) return;
    this.abandon();
    this.#owner.handleFailed(detail);
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#machine.end();
    this.#alarm.clear();
    this.#desk.removeAttempt(this.token);
    for (const connection of [...this.#connections]) if (!connection.isLink) connection.drop();
    this.#connections.clear();
  }

  get #nowMicros(): number {
    return this.#world.platform.monotonicMicros();
  }

  #begin(): void {
    if (this.#isOver || this.#hasBegun) return;
    this.#hasBegun = true;
    this.#use(this.#side());
    this.#desk.refresh(() => this.#use(this.#side()));
    if (this.#isHopeful) this.#beginHopeful();
  }

  /** Hopeful dials wait until the public endpoint of the port they leave from is known: from another they mean nothing. */
  #beginHopeful(): void {
    this.#desk.whenKnown(() => {
      if (this.#isOver) return;
      if (this.#desk.result?.mapping === 'sequential') this.#measureFreshPort();
      else {
        this.#dialPort = this.#desk.result === undefined ? 0 : this.#desk.port;
        this.#machine.handleHopeful(this.#nowMicros);
        this.#use(this.#side());
      }
    });
  }

  /** P2P-021, for TCP: the port's own NAT is measured just before. */
  #measureFreshPort(): void {
    const port = FRESH_PORT_MIN + (this.#world.platform.randomUint32() % FRESH_PORT_COUNT);
    this.#dialPort = port;
    this.#desk.measurePort(port, (result) => {
      if (this.#isOver) return;
      this.#machine.handleHopeful(this.#nowMicros);
      const measured = sideOf([], port, result);
      const { mapping, predictedPort, predictedStep } = measured;
      this.#use({ ...this.#side(), mapping, predictedPort, predictedStep });
    });
  }

  #side(): Side {
    const side = this.#desk.side(this.#udp.result?.observed.address ?? null);
    // The listening port's own ports say nothing about the next one any more.
    return { ...side, predictedPort: 0, predictedStep: 0 };
  }

  #use(side: Side): void {
    const kind = this.role === 'inviter' ? P2PInvitationKind.Invite : P2PInvitationKind.Answer;
    const value = toInvitation(kind, this.token, side);
    this.#world.signal(this.#options.peerID, MessageType.InviteTcpP2P, codecs.P2PInvitationContract, value);
    this.#machine.handleOwn(this.#nowMicros, side);
    this.#pump();
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
      if (output.kind === 'dial') this.#dial(output.to);
      else this.giveUp(output.detail);
    }
  }

  #dial(to: Endpoint): void {
    for (const earlier of [...this.#connections]) {
      if (earlier.dialledTo === undefined || !sameEndpoint(earlier.dialledTo, to)) continue;
      if (earlier.isConnected) return;
      this.#connections.delete(earlier);
      earlier.drop();
    }
    this.#connections.add(this.#desk.dial(this, to, this.#dialPort));
  }

  #handleTestAsInviter(connection: TestedConnection, test: ChannelTest): boolean {
    if (test.isChosen) return false;
    this.#chosen ??= connection;
    this.#tested.add(connection);
    if (this.#chosen !== connection) {
      if (!connection.hasSentTest) this.#sendTest(connection, false);
      return true;
    }
    if (!connection.hasSentTest) this.#sendTest(connection, true);
    this.#open(connection);
    return true;
  }

  #chooseAnother(): void {
    const [next] = this.#tested;
    this.#chosen = next;
    if (next === undefined) return;
    this.#sendTest(next, true);
    this.#open(next);
  }

  #sendTest(connection: TestedConnection, isChosen: boolean): void {
    connection.sendTest(this.#options.peerID, this.token, isChosen);
  }

  #open(connection: TestedConnection): void {
    const { link, rest } = connection.becomeLink();
    this.abandon();
    link.open(this.#owner.handleLink(link), rest);
  }
}
