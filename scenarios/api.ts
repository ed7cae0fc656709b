/**
 * What a scenario is and what it may do: the contract between suites, runner and targets.
 *
 * Types and `scenario()` only. A scenario is data plus one asynchronous body over a `Stage`; the same body runs on the
 * simulator, over real loopback TCP, and (when all its clients may be foreign) against an adapter in any language.
 * Bodies never look at which target they are on, never sleep to prove absence (send a sentinel), and draw nothing at
 * random themselves: what varies comes in as the plan.
 */
import type * as fc from 'fast-check';
import type { Figure } from '../reports/figures.ts';
import type { FileSystem } from '../spec/platform.ts';
import type { AdversarySubject } from './attach/adversary-subject.ts';
import type { ClientSubject, ClientOptions } from './attach/client-subject.ts';
import type { DirectPeer, DirectPeerOptions } from './attach/direct-peer.ts';
import type { NetworkOptions } from './attach/network-options.ts';
import type { UdpPeer } from './attach/udp-peer.ts';
import type { P2PServer } from '../impl/index.ts';
import type { ServerSubject, ServerOptions } from './attach/server-subject.ts';
import type { AcmsOptions, AcmsSubject, ControlSubject } from './attach/cluster-subjects.ts';
import type { RawClient, RawServer } from './attach/raw-peer.ts';
import type { RudpPeer } from './attach/rudp-peer.ts';
import type { FaultState } from './attach/marks.ts';
import type { NetControl } from './attach/net-control.ts';

/** A P2P server on its host. */
export type P2PServerSubject = {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly engine: P2PServer;
};

export type ScenarioKind = 'example' | 'property' | 'matrix' | 'wire' | 'soak';

/** Where a body can run. `exec` is somebody else's client behind an adapter, on real sockets. */
export type TargetName = 'sim' | 'loopback' | 'exec';

/** What an implementation must offer for a case to be asked of it; undeclared means `not-applicable`. */
export type Feature =
  | 'logon'
  | 'send'
  | 'query'
  | 'ack'
  | 'blob'
  | 'heartbeat'
  | 'relogon'
  | 'reconnect'
  | 'basic'
  | 'sendMessage'
  | 'decode'
  | 'encode';

export type Scenario<Plan = undefined> = {
  /** Stable, never reused: area, dash, four characters, as in `LOG-7Q2K`. */
  readonly id: string;
  /** A fact, as one sentence. */
  readonly title: string;
  /** The clauses this case can show broken; at least one. The first is the main one. */
  readonly clauses: readonly string[];
  readonly kind: ScenarioKind;
  /** Features a foreign client must declare. Cases with `clients: 'reference'` are never asked of one. */
  readonly needs?: readonly Feature[];
  /** `subject` (default): every `stage.client` may be the foreign one. `reference`: the case is about the server or the wire. */
  readonly clients?: 'subject' | 'reference';
  /** Targets this body makes sense on; default `['sim', 'loopback']`, plus `exec` when `clients` is `subject`. */
  readonly targets?: readonly TargetName[];
  /**
   * Why real sockets may show another class of outcome than the simulator. Every other case that makes sense on both has the
   * tag `parity`: the two are compared.
   */
  readonly noParity?: string;
  /** For properties: what varies. */
  readonly plan?: () => fc.Arbitrary<Plan>;
  /** Property runs by default on the simulator (default 20); real sockets take a tenth, from 2 to 20. */
  readonly runs?: number;
  /** Simulated seconds a run may last; default 600. Real targets get the scaled equivalent and at least 10 s. */
  readonly timeLimitSecs?: number;
  /** Texts of `stage.reachable` that a campaign must reach. */
  readonly reachable?: readonly string[];
  /** False for cases whose point is that something stays unfinished at the end. Default true. */
  readonly invariants?: boolean;
  run(stage: Stage, plan: Plan): Promise<void>;
};

/** The world of one run of one scenario. */
export type Stage = {
  readonly target: TargetName;
  readonly net: NetControl;
  /** Starts a reference server on its own host. Default options of the manual. */
  server(options?: ServerOptions): Promise<ServerSubject>;
  /** A client on its own host, not yet logged on. `userID` names the host as well; the same ID twice gives two hosts. */
  client(userID: string, options?: ClientOptions): Promise<ClientSubject>;
  /** The same, logged on to `server`; fails the case when the logon does not succeed. */
  loggedOn(server: ServerSubject, userID: string, options?: ClientOptions): Promise<ClientSubject>;
  /** Starts a reference platform server on its own host; servers join it with `acms` and `serverID`. */
  acms(options?: AcmsOptions): Promise<AcmsSubject>;
  /** A system outside the cluster on its own host, not yet connected: `client` is the engine. */
  control(
    acms: AcmsSubject,
    options?: { readonly secret?: string; readonly waitResponseTimeoutInSecs?: number },
  ): Promise<ControlSubject>;
  /** A bare TCP connection to `server` that sends what it is told to. */
  rawClient(
    server: Pick<ServerSubject, 'address' | 'port'>,
    options?: { readonly userID?: string; readonly userIdBytesMax?: number },
  ): Promise<RawClient>;
  /** A bare TCP server for clients to talk to. */
  rawServer(options?: { readonly userIdBytesMax?: number }): Promise<RawServer>;
  /** Two hosts with a UDP port each that know each other's; what they write is covered by the laws of every run. */
  rudpPair(): Promise<readonly [RudpPeer, RudpPeer]>;
  /** The files of a host, as its user would see them; disk faults do not show here. */
  files(host: string): FileSystem;
  /** A connector without an engine, logged on to `server`: for cases about how direct links are made. */
  directPeer(
    server: { readonly address: string; readonly port: number },
    userID: string,
    options?: DirectPeerOptions,
  ): Promise<DirectPeer>;
  /** A bare UDP socket on a host of its own, on any port unless one is named. */
  udpPeer(network?: NetworkOptions, port?: number): Promise<UdpPeer>;
  /** An attacker on a host of its own on the public network; the simulator only. */
  adversary(): AdversarySubject;
  /** A P2P server that stands alone. */
  p2pServer(options?: { readonly port?: number; readonly maxLengthOfUserID?: number }): Promise<P2PServerSubject>;
  /** Seconds since the run began, on the target's scaled clock. */
  nowSecs(): number;
  /** Lets time pass; only to let a timeout happen, never to wait for an event. */
  sleep(secs: number): Promise<void>;
  /** Waits until `condition` holds, looked at after every event; fails the case with `what` and `clause` after `withinSecs`. */
  until(condition: () => boolean, withinSecs: number, what: string, clause?: string): Promise<void>;
  /** Fails the case when `condition` is false. */
  check(condition: boolean, clause: string, what: string): void;
  /** Fails the case when the two differ (deeply; byte arrays by content). */
  equal(actual: unknown, expected: unknown, clause: string, what: string): void;
  /** Fails the case unless `promise` rejects with `code`; gives the error back. */
  rejects(promise: Promise<unknown>, code: string, clause: string, what: string): Promise<Error & { code: string }>;
  /** Fails the case when `elapsedSecs` lies outside; a real machine's slack widens both bounds, so always use this for measured times. */
  took(
    elapsedSecs: number,
    limits: { readonly atLeast?: number; readonly atMost?: number },
    clause: string,
    what: string,
  ): void;
  /** Bytes that no other call of this run gave; 8 unless said otherwise, at least 4. */
  payload(sizeBytes?: number): Uint8Array;
  /** Records a figure with the verdict; a later one of the same title replaces it. */
  figure(figure: Figure): void;
  /** Counts the runs of a campaign in which this happened at least once; one that never does proves nothing. */
  sometimes(mark: string, happened: boolean): void;
  /** A point that some run of a campaign must reach; name it in the scenario's `reachable`, so that never is seen too. */
  reachable(mark: string): void;
  /** A point that no run may reach: fails the case. */
  unreachable(mark: string, clause: string): never;
  /** What the plan says of a class of faults, and that it fired; `attach/fault-plan.ts` calls it. */
  faultClass(name: string, state: FaultState): void;
  /** From now on engines take rare but legal ways (`impl/engine/rare-ways.ts`), which are counted; nothing on real sockets. */
  takeRareWays(): void;
  /** The same of a class of attacks; `attach/attack-plan.ts` calls it. */
  attackClass(name: string, state: FaultState): void;
  /** Whether a TCP connection from that host gets through, beside whatever engine runs there: what the network allows. */
  connects(host: string, to: { readonly address: string; readonly port: number }, withinSecs: number): Promise<boolean>;
  /** A line for the sequence diagram; whoever waits in `until` looks again. */
  note(text: string): void;
};

/** A scenario whose plan's type is nobody's business but its own. */
export type AnyScenario = Scenario<unknown>;

/** Declares a scenario; only fixes the plan's type. */
export function scenario<Plan = undefined>(definition: Scenario<Plan>): AnyScenario {
  // The runner gives `run` only what `plan` drew, or undefined when there is none.
  return definition;
}
