/**
 * The first look at a connection: does it speak the protocol, which side is the server, and what is N?
 *
 * What arrives before that is known is kept (a few KiB at most) and played into the conversation afterwards, so that no
 * rule misses anything and the order of both directions stays as captured.
 */
import { TCP_PORT_DEFAULT, USER_ID_BYTES_MAX_DEFAULT } from '../../spec/limits.ts';
import { guessDialect, startsLikeMessage, type Dialect } from './dialect.ts';
import type { FlowEndpoint, FlowInfo, FlowSide } from './tcp-flows.ts';

/** What the user said, and what the capture has shown so far. */
export type AdmissionOptions = {
  readonly port: number | undefined;
  readonly userIdBytesMax: number | undefined;
  /** True for the endpoint of a server that already spoke the protocol in this capture. */
  isKnownServer(endpoint: FlowEndpoint): boolean;
};

export type Admission =
  | { readonly kind: 'other' }
  | {
      readonly kind: 'protocol';
      readonly serverSide: FlowSide;
      readonly userIdBytesMax: number;
      /** Sentences for the report: what was guessed. */
      readonly notes: readonly string[];
    };

/** The longest header and a small body: with this much at hand, waiting longer tells nothing new. */
const ENOUGH_BYTES = 1_024;

/**
 * Decides, or asks for more.
 * @param starts the first bytes of side 0 and of side 1
 * @param isLast no more will come before the decision
 * @returns undefined when more bytes are needed
 */
export function admit(
  info: FlowInfo,
  starts: readonly [Buffer, Buffer],
  options: AdmissionOptions,
  isLast: boolean,
): Admission | undefined {
  const isFixed = portSide(info, options);
  if (isFixed === 'other') return { kind: 'other' };
  const guesses = starts.map((start, side) =>
    guess(start, serverHint(info, isFixed) === undefined ? undefined : serverHint(info, isFixed) === side, options),
  );
  const strong = guesses.find((each) => each.certainty === 'strong');
  if (strong !== undefined) return admitted(info, starts, options, strong, isFixed);
  const isTold = isFixed !== undefined && options.userIdBytesMax !== undefined;
  const isEnough = isLast || isTold || starts.some((start) => start.length >= ENOUGH_BYTES);
  if (!isEnough) return undefined;
  const weak = guesses.find((each) => each.certainty === 'weak');
  const speaksIt =
    isFixed !== undefined || weak !== undefined || starts.some((start) => start.length > 1 && startsLikeMessage(start));
  if (!speaksIt) return { kind: 'other' };
  return admitted(info, starts, options, weak ?? guesses[0]!, isFixed);
}

function guess(start: Buffer, isFromServer: boolean | undefined, options: AdmissionOptions): Dialect {
  const candidates = options.userIdBytesMax === undefined ? undefined : [options.userIdBytesMax];
  return guessDialect(start, isFromServer, candidates);
}

/** The server's side as the ports tell; `other` when a port was asked for and neither side has it. */
function portSide(info: FlowInfo, options: AdmissionOptions): FlowSide | 'other' | undefined {
  const [first, second] = info.endpoints;
  if (options.port !== undefined) {
    // A connection out of the port asked for has its server on the other side, unless it is the answering one.
    if (second.port === options.port) return 1;
    return first.port === options.port && info.start === 'midStream' ? 0 : 'other';
  }
  if (second.port === TCP_PORT_DEFAULT || options.isKnownServer(second)) return 1;
  if (info.start !== 'midStream') return undefined;
  return first.port === TCP_PORT_DEFAULT || options.isKnownServer(first) ? 0 : undefined;
}

/** The side that accepted the connection is the server. */
function serverHint(info: FlowInfo, fixed: FlowSide | undefined): FlowSide | undefined {
  return fixed ?? (info.start === 'midStream' ? undefined : 1);
}

function admitted(
  info: FlowInfo,
  starts: readonly [Buffer, Buffer],
  options: AdmissionOptions,
  dialect: Dialect,
  fixed: FlowSide | undefined,
): Admission {
  const notes: string[] = [];
  const userIdBytesMax = options.userIdBytesMax ?? dialect.userIdBytesMax;
  if (options.userIdBytesMax === undefined && userIdBytesMax !== USER_ID_BYTES_MAX_DEFAULT) {
    notes.push(
      `Read with N = ${userIdBytesMax}, guessed from the first message; say --user-id-max to read it otherwise.`,
    );
  }
  if (dialect.certainty !== 'strong') {
    notes.push(`No first message was found that tells N; read with N = ${userIdBytesMax}.`);
  }
  const hint = serverHint(info, fixed);
  const serverSide = hint ?? sideByContent(info, starts, userIdBytesMax);
  if (info.start === 'midStream') {
    const how = hint === undefined ? 'told by its messages' : 'told by its port';
    notes.push(
      `The capture began after the connection did: rules about its beginning are not judged; the server is ${how}.`,
    );
  }
  return { kind: 'protocol', serverSide, userIdBytesMax, notes };
}

/** Of a connection seen from its middle: the side that names itself `_0`, else the one with the lower port. */
function sideByContent(info: FlowInfo, starts: readonly [Buffer, Buffer], n: number): FlowSide {
  for (const side of [0, 1] as const) {
    const start = starts[side];
    if (start.length <= 14 + 2 * n || !startsLikeMessage(start)) continue;
    const sourceLength = start[12]!;
    const source = start.toString('latin1', 13, 13 + sourceLength);
    if (source === '_0') return side;
    if (sourceLength > 0 && sourceLength <= n && start[1] !== 8) return side === 0 ? 1 : 0;
  }
  return info.endpoints[0].port < info.endpoints[1].port ? 0 : 1;
}
