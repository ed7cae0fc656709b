/**
 * Losses of single TCP segments, by what they do to an application: the same on any platform. A sender writes five segments,
 * the receiver answers when it has all of them, and the sender tells how long that took.
 *
 * The first byte of a segment is its mark: the number of the case and of the segment. The path drops by it.
 */
import type { Endpoint, Platform, TcpConnection } from '../../spec/platform.ts';

/** How often each of the five segments is lost. */
export const LOSS_CASES = {
  'nothing lost': [0, 0, 0, 0, 0],
  'the first lost': [1, 0, 0, 0, 0],
  'two in the middle lost': [0, 1, 1, 0, 0],
  'the last two lost': [0, 0, 0, 1, 1],
  'the last lost': [0, 0, 0, 0, 1],
  'all but the first lost': [0, 1, 1, 1, 1],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type LossCase = keyof typeof LOSS_CASES;
export const LOSS_NAMES = Object.keys(LOSS_CASES) as readonly LossCase[];

/** What Linux puts into a segment on Ethernet, with timestamps; without them it is 1,460, which moves no mark. */
export const SEGMENT_BYTES = 1_448;
const SEGMENT_COUNT = 5;

/** The mark of a segment; both count from 0. */
export const markOf = (caseIndex: number, segment: number): number => 16 * (caseIndex + 1) + segment;

/** Answers every connection with a byte when it has sent everything. */
export function receiveSegments(platform: Platform, port: number, onListening: () => void): void {
  platform.listenTcp(
    { port },
    {
      onListening,
      onError: (code, detail) => {
        throw new Error(`${code}: ${detail}`);
      },
      onConnection: (connection) => {
        let received = 0;
        return {
          onData: (bytes) => {
            received += bytes.length;
            if (received === SEGMENT_COUNT * SEGMENT_BYTES) connection.write(new Uint8Array(1));
          },
          onEnd: () => connection.end(),
          onClosed: () => undefined,
        };
      },
    },
  );
}

/** Runs the cases one after the other; gives microseconds by their order. */
export async function sendSegments(platform: Platform, to: Endpoint): Promise<readonly number[]> {
  const took: number[] = [];
  for (const index of LOSS_NAMES.keys()) took.push(await sendCase(platform, to, index));
  return took;
}

function sendCase(platform: Platform, to: Endpoint, index: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let beganMicros = 0;
    const connection: TcpConnection = platform.connectTcp(
      { remote: to },
      {
        onConnected: () => {
          beganMicros = platform.monotonicMicros();
          for (let segment = 0; segment < SEGMENT_COUNT; segment += 1) {
            connection.write(new Uint8Array(SEGMENT_BYTES).fill(markOf(index, segment)));
          }
        },
        onData: () => {
          connection.end();
          resolve(platform.monotonicMicros() - beganMicros);
          platform.noteAsyncEdge();
        },
        onEnd: () => undefined,
        onClosed: (reason) => {
          reject(new Error(`${LOSS_NAMES[index]}: ${reason}`));
          platform.noteAsyncEdge();
        },
      },
    );
  });
}
