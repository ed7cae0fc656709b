/** What a project needs of the engine it belongs to. Types only. */
import type { Platform } from '../../../spec/platform.ts';
import type { Codec, FrameLimits } from '../../wire/index.ts';
import type { FileEvents } from './file-events.ts';
import type { ReceivingProject } from './receiving-project.ts';
import type { ResumeItems } from './resume-items.ts';
import type { SendingProject } from './sending-project.ts';

/** The way to one user. */
export type FileWay = {
  readonly kind: 'server' | 'tcp' | 'udp';
  /** Bytes posted and not yet handed to the network. */
  readonly queuedBytes: number;
  readonly limits: FrameLimits;
  post<Value>(messageType: number, codec: Codec<Value>, value: Value): void;
};

export type FileWorld = {
  readonly platform: Platform;
  readonly events: FileEvents;
  readonly items: ResumeItems;
  /** Infinity: never too slow. */
  readonly zeroSpeedMicros: number;
  readonly firstPackageMicros: number;
  /** Undefined: there is no way; whoever ends the project is on the way. */
  way(userID: string): FileWay | undefined;
  /** The project is over; before its last event. */
  forget(project: SendingProject | ReceivingProject): void;
  /** The project wants to be woken. */
  aim(deadlineMicros: number): void;
};
