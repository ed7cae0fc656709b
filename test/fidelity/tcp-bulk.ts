/** A bulk transfer over one path inside the simulator, measured in segments, for comparison with models. */
import { Internet, World, registryOf } from '../../sim/index.ts';
import type { LinkRule, Ratio, TcpOptions } from '../../sim/index.ts';

export type BulkOptions = {
  readonly tcp: Partial<TcpOptions>;
  readonly roundTripMicros: number;
  /** Independent loss on the way of the data. */
  readonly loss?: Ratio;
  /** A rule for the packets on the way of the data. */
  readonly rule?: LinkRule;
  readonly seed?: number;
  readonly warmUpMicros: number;
  readonly micros: number;
};

/** Data in a full segment over links of 1,500 bytes. */
const SEGMENT_BYTES = 1_460;
const WINDOW_BYTES = 1 << 28;
const STEP_MICROS = 100_000;
const QUEUED_BYTES_MIN = 1 << 23;

/** Sends without end, the receive window never in the way; gives segments per second after the warm-up. */
export function segmentsPerSecond(options: BulkOptions): number {
  const { roundTripMicros, loss, rule, seed = 1, warmUpMicros, micros } = options;
  const world = new World({ seed, timeLimitMicros: Number.MAX_SAFE_INTEGER });
  const internet = new Internet(world, { link: { delayMicros: 0 } });
  const tcp = { ...options.tcp, receiveBufferBytes: WINDOW_BYTES };
  const delay = { delayMicros: Math.floor(roundTripMicros / 2) };
  const forward = loss === undefined ? {} : { forward: { loss } };
  const sender = internet.host('sender', { tcp, link: { ...delay, ...forward } });
  const receiver = internet.host('receiver', { tcp });
  if (rule !== undefined) registryOf(world).link('sender-internet').forward.addRule(rule);
  let receivedBytes = 0;
  const onData = (bytes: Uint8Array): void => {
    receivedBytes += bytes.length;
  };
  receiver.platform().listenTcp(
    { port: 1 },
    {
      onConnection: () => ({ onData, onClosed: () => undefined }),
      onError: (code) => {
        throw new Error(code);
      },
    },
  );
  const remote = { address: receiver.platform().localAddresses()[0]!, port: 1 };
  const connection = sender.platform().connectTcp(
    { remote },
    {
      onData: () => undefined,
      onClosed: (reason) => {
        throw new Error(`the transfer ended: ${reason}`);
      },
    },
  );
  const piece = new Uint8Array(SEGMENT_BYTES * 100);
  const runTo = (untilMicros: number): void => {
    while (world.nowMicros < untilMicros) {
      while (connection.queuedBytes < QUEUED_BYTES_MIN) connection.write(piece);
      world.runUntil(Math.min(untilMicros, world.nowMicros + STEP_MICROS));
    }
  };
  runTo(warmUpMicros);
  const before = receivedBytes;
  runTo(warmUpMicros + micros);
  return (receivedBytes - before) / SEGMENT_BYTES / (micros / 1e6);
}
