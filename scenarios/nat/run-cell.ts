/**
 * One cell of the matrix on a stage: two clients behind two NATs, one invites the other, and what comes of it.
 *
 * `direct` counts only when bytes pass both ways over the link, `relay` only when a message still passes through the server.
 */
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import type { Stage } from '../api.ts';
import type { DirectPeer } from '../attach/direct-peer.ts';
import type { ServerSubject } from '../attach/server-subject.ts';
import { MATRIX_KINDS } from './expected.ts';
import type { MatrixCell, MatrixKind } from './expected.ts';

export type CellOutcome = {
  readonly actual: 'direct' | 'relay' | 'broken';
  /** Round trips of the slowest leg until both ends had the link; 0 without one. */
  readonly roundTrips: number;
  readonly detail: string;
};

/** One way on each host's own link. */
export const CELL_DELAY_MILLIS = 10;
/** One way from a LAN to the middle, and from an open host's link, which the delay above replaces. */
const UPLINK_MILLIS = 1;
const CELL_LIMIT_SECS = 60;
const BYTES = 200;

/** Runs the cell; never fails for what the cell shows. */
export async function runCell(stage: Stage, server: ServerSubject, cell: MatrixCell): Promise<CellOutcome> {
  const name = `${cell.transport[0]!}${MATRIX_KINDS.indexOf(cell.a)}${MATRIX_KINDS.indexOf(cell.b)}`;
  const mode = cell.transport === 'udp' ? 'Udp' : 'Tcp';
  const peerOf = async (side: string, nat: MatrixKind): Promise<DirectPeer> => {
    const conditions = { delayMillis: CELL_DELAY_MILLIS };
    return await stage.directPeer(server, `${name}${side}`, { mode, network: { nat }, conditions });
  };
  const a = await peerOf('a', cell.a);
  const b = await peerOf('b', cell.b);
  const beganMicros = stage.nowSecs() * 1e6;
  a.connect(b.userID);
  const isOver = (peer: DirectPeer, other: DirectPeer): boolean =>
    peer.linkTo(other.userID) !== undefined || peer.failures.length > 0;
  await stage.until(() => isOver(a, b) && isOver(b, a), CELL_LIMIT_SECS, `the cell ${name} has no end`, 'P2P-023');
  const outcome = await judge(stage, a, b);
  const atMicros = Math.max(...[...a.links, ...b.links].map((each) => each.atMicros), 0);
  const roundTrips = outcome.actual === 'direct' ? (atMicros - beganMicros) / slowestLegMicros(cell) : 0;
  a.close();
  b.close();
  return { ...outcome, roundTrips: Math.round(roundTrips * 100) / 100 };
}

/** Round trip of the longest of the three legs. */
function slowestLegMicros({ a, b }: MatrixCell): number {
  const uplinkOf = (kind: MatrixKind): number => (kind === 'open' ? 0 : UPLINK_MILLIS);
  const between = 2 * CELL_DELAY_MILLIS + uplinkOf(a) + uplinkOf(b);
  const toServer = 2 * CELL_DELAY_MILLIS + Math.max(uplinkOf(a), uplinkOf(b));
  return 2 * 1_000 * Math.max(between, toServer);
}

async function judge(stage: Stage, a: DirectPeer, b: DirectPeer): Promise<Omit<CellOutcome, 'roundTrips'>> {
  const [there, back] = [a.linkTo(b.userID), b.linkTo(a.userID)];
  if (there !== undefined && back !== undefined) {
    there.link.write(new Uint8Array(BYTES));
    back.link.write(new Uint8Array(BYTES));
    const passed = (): boolean => there.receivedBytes === BYTES && back.receivedBytes === BYTES;
    const isPassed = await holds(stage, passed);
    const { remote, protocol } = there.link;
    const detail = `${protocol} link to ${remote.address}:${remote.port}`;
    return isPassed
      ? { actual: 'direct', detail }
      : { actual: 'broken', detail: `${detail}: bytes do not pass both ways` };
  }
  const failures = [...a.failures, ...b.failures].map(({ detail }) => detail);
  if (there !== undefined || back !== undefined) {
    return { actual: 'broken', detail: `one side has a link, the other says: ${failures.join('; ')}` };
  }
  const isRelayed = await relays(stage, a, b);
  return isRelayed
    ? { actual: 'relay', detail: failures[0] ?? '' }
    : { actual: 'broken', detail: 'neither direct nor through the server' };
}

/** Whether an information passes through the server. */
async function relays(stage: Stage, a: DirectPeer, b: DirectPeer): Promise<boolean> {
  const body = codecs.BinaryInformationContract.encode({ Content: stage.payload(), InformationType: 1 });
  a.raw.send({ messageType: MessageType.InformationBySend, destId: b.userID, body });
  return holds(stage, () => b.raw.received.some(({ messageType }) => messageType === MessageType.InformationBySend));
}

async function holds(stage: Stage, condition: () => boolean): Promise<boolean> {
  try {
    await stage.until(condition, 5, 'bytes pass', 'P2P-030');
    return true;
  } catch {
    return condition();
  }
}
