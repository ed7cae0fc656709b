/** What rules are about: messages with their place in the capture, and what a rule has to say about them. Types only. */
import type { DecodeError, FrameError } from '../../impl/wire/index.ts';
import type { OpenRequest } from './exchanges.ts';
import type { Facts } from './facts.ts';
import type { ForwardCheck } from './neighbours.ts';

/** A place in the capture. */
export type Place = {
  /** As Wireshark counts, from 1: the packet that completed the message. */
  readonly packet: number;
  /** Microseconds since 1970. */
  readonly timeMicros: number;
  readonly isFromServer: boolean;
  /** Bytes from the start of this direction's stream to the first byte of the message. */
  readonly offset: number;
};

/** One message. */
export type JudgedMessage = Place & {
  readonly type: number;
  readonly id: number;
  readonly clientType: number;
  readonly source: string;
  readonly dest: string;
  readonly bodyLength: number;
  /** The decoded body; null for an empty one, undefined when it did not decode. */
  readonly value: unknown;
  readonly bodyError: DecodeError | undefined;
  /** For an answer: the request it answers, when that was seen and is still open. */
  readonly request: OpenRequest | undefined;
  /** For a message the server forwarded: how it compares with what its maker sent. */
  readonly forward: ForwardCheck | undefined;
  /** Header and body; only valid while the message is being judged. */
  readonly bytes: Uint8Array;
};

/** How a connection came to its end, or that the capture did. */
export type ConnectionEnd = {
  readonly how: 'closed' | 'reset' | 'replaced' | 'captureEnd' | 'tooMany';
  readonly timeMicros: number;
};

/** Something that breaks a clause, other than the message at hand. */
export type LateFinding = { readonly place: Place; readonly sentence: string; readonly evidence?: Uint8Array };

export type RuleLevel = 'MUST' | 'SHOULD';

type RuleBase = {
  readonly clause: string;
  readonly level: RuleLevel;
  /** Unique; kebab-case. */
  readonly name: string;
  /** The rule only holds where the connection was seen from its first byte. */
  readonly needsStart?: true;
};

/** Looks at every message it asks for. `facts` is what was known before that message. */
export type MessageRule = RuleBase & {
  readonly on: 'message';
  /** Whose messages; both when absent. */
  readonly from?: 'client' | 'server';
  /** Only these types; all when absent. */
  readonly types?: readonly number[];
  /** Only messages whose body did not decode. */
  readonly needsBadBody?: true;
  /** @returns one sentence when the clause is broken */
  check(message: JudgedMessage, facts: Facts): string | undefined;
};

/** Looks once, when the connection or the capture has ended. */
export type EndRule = RuleBase & {
  readonly on: 'end';
  check(facts: Facts, end: ConnectionEnd): readonly LateFinding[];
};

/** Looks at what the decoder says of bytes that are no message. */
export type InvalidRule = RuleBase & {
  readonly on: 'invalid';
  check(error: FrameError, facts: Facts): string | undefined;
};

export type Rule = MessageRule | InvalidRule | EndRule;
