/**
 * What a stage needs from the place it runs in: hosts, a clock in scenario time, hardship. Types only.
 *
 * `sim-stage.ts` and `loopback-stage.ts` each give one; `stage.ts` and the subjects know nothing else of their target.
 */
import type { Endpoint, FileSystem, Platform, Timer } from '../../spec/platform.ts';
import type { RareWayCount } from '../../sim/index.ts';
import type { TargetName } from '../api.ts';
import type { AdversarySubject } from './adversary-subject.ts';
import type { NetControl } from './net-control.ts';
import type { NetworkOptions } from './network-options.ts';

/** Things of one host that are still open. */
export type OpenResources = {
  readonly timers: number;
  readonly connections: number;
  readonly listeners: number;
  readonly udpSockets: number;
  /** Open file handles. */
  readonly files: number;
};

export type StageHost = {
  readonly name: string;
  /** The address others reach it by. */
  readonly address: string;
  readonly platform: Platform;
  /** The host's files without the faults that `net.disk` makes. */
  readonly files: FileSystem;
  openResources(): OpenResources;
};

export type StageWorld = {
  readonly target: TargetName;
  readonly net: NetControl;
  /** Integer microseconds of scenario time since the run began. */
  nowMicros(): number;
  /** A timer of the harness, in scenario time. */
  setTimer(delayMicros: number, callback: () => void): Timer;
  /** Must be called when a promise of the harness is settled inside an event. */
  noteAsyncEdge(): void;
  /** How often conditions are looked at again that no recorded event announces. */
  readonly pollMicros: number;
  /** What a real machine may add to any wait for an event, in scenario microseconds; 0 where time is exact. */
  readonly slackMicros: number;
  /** What a real machine may add to a measured time. */
  readonly measureSlackMicros: number;
  /** A new host, on the public network or as `network` says, `server` ones where clients can reach them. Names are unique; the caller sees to that. */
  addHost(name: string, kind: 'server' | 'client', network?: NetworkOptions): StageHost;
  /** From now on engines take rare ways; gives what became of each. Real machines do not. */
  rareWays?(): () => readonly Readonly<RareWayCount>[];
  /** An attacker on the public network. @throws HarnessFault on real sockets */
  addAdversary(name: string): AdversarySubject;
  /** Where a foreign client on `host` must connect to reach `server`; waits until the way is ready. */
  route(host: string, server: Endpoint): Promise<Endpoint>;
  /** Ends every partition; conditions stay. Crashed hosts stay crashed. */
  healAll(): void;
  /** The first exception that escaped an engine, if one did. */
  escaped(): unknown;
};
