/** How much of a path is used, as a picture: reliable UDP beside the simulator's TCP while more and more is lost (17.5). */
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { RudpPeer } from '../../attach/rudp-peer.ts';
import { PATIENT, bothOpen } from './model.ts';

const RATE_BITS_PER_SEC = 20_000_000;
const LOSSES_PER_MILLE = [0, 1, 10, 20, 50];
/** Of 1,228 bytes of an IP packet, 1,187 are payload. */
const PAYLOAD_SHARE = 1187 / 1228;
/**
 * The beginning, in which the path is still unknown, and the time that counts: long beside the tenth of a second for which
 * one lost chunk holds back what came behind it.
 */
const START_SECS = 1;
const MEASURED_SECS = 3;
const SHARE_MIN = 0.8;
const BLOCK = new Uint8Array(20_000);

type Feed = { readonly queuedBytes: () => number; readonly send: (bytes: Uint8Array) => void };

/** Keeps a sender busy, and gives the percentage of the ceiling that arrives. */
async function share(stage: Stage, feed: Feed, received: () => number, ceilingBits: number): Promise<number> {
  const fill = async (secs: number): Promise<void> => {
    const end = stage.nowSecs() + secs;
    while (stage.nowSecs() < end) {
      while (feed.queuedBytes() < 1_000_000) feed.send(BLOCK);
      await stage.sleep(0.02);
    }
  };
  await fill(START_SECS);
  const [bytes, secs] = [received(), stage.nowSecs()];
  await fill(MEASURED_SECS);
  return ((received() - bytes) * 8) / (stage.nowSecs() - secs) / (ceilingBits / 100);
}

async function overRudp(stage: Stage, left: RudpPeer, right: RudpPeer, ceilingBits: number): Promise<number> {
  right.open({ ...PATIENT, starts: false });
  left.open(PATIENT);
  await bothOpen(stage, left, right);
  const { link } = left;
  const feed = { queuedBytes: () => link.queuedBytes, send: (bytes: Uint8Array) => left.write(bytes) };
  const percent = await share(stage, feed, () => right.delivered.length * BLOCK.length, ceilingBits);
  left.abort();
  return percent;
}

async function overTcp(stage: Stage, left: RudpPeer, right: RudpPeer, ceilingBits: number): Promise<number> {
  let received = 0;
  const ignore = (): void => undefined;
  const handlers = { onData: (bytes: Uint8Array) => (received += bytes.length), onClosed: ignore };
  const listener = right.platform.listenTcp({ port: 7000 }, { onConnection: () => handlers, onError: ignore });
  const remote = { address: right.local.address, port: 7000 };
  const tcp = left.platform.connectTcp({ remote }, { onData: ignore, onClosed: ignore });
  const feed = { queuedBytes: () => tcp.queuedBytes, send: (bytes: Uint8Array) => tcp.write(bytes) };
  const percent = await share(stage, feed, () => received, ceilingBits);
  tcp.abort();
  listener.close();
  return percent;
}

export const pace: readonly AnyScenario[] = [
  scenario({
    id: 'RUD-7Z4P',
    title: 'at 20 Mbit/s and 50 ms, up to 5 % of random loss cost little more than themselves',
    clauses: ['RUD-030'],
    kind: 'matrix',
    clients: 'reference',
    // Bandwidth and loss of a real loopback cannot be set.
    targets: ['sim'],
    timeLimitSecs: 60,
    async run(stage) {
      const ours: (readonly [number, number])[] = [];
      const tcp: (readonly [number, number])[] = [];
      for (const lossPerMille of LOSSES_PER_MILLE) {
        const [left, right] = await stage.rudpPair();
        const path = { delayMillis: 24, lossPerMille, bandwidthBitsPerSec: RATE_BITS_PER_SEC };
        stage.net.conditions(left.host, path);
        const ceilingBits = (1 - lossPerMille / 1000) * RATE_BITS_PER_SEC * PAYLOAD_SHARE;
        const percent = await overRudp(stage, left, right, ceilingBits);
        stage.check(
          percent >= 100 * SHARE_MIN,
          'RUD-030',
          `at ${lossPerMille / 10} % loss only ${percent.toFixed(0)} % of what the path can carry arrived`,
        );
        ours.push([lossPerMille / 10, percent]);
        tcp.push([lossPerMille / 10, await overTcp(stage, left, right, ceilingBits)]);
      }
      stage.figure({
        kind: 'lines',
        title: 'Goodput at 20 Mbit/s, 50 ms round trip',
        xLabel: 'random loss in percent',
        yLabel: 'percent of what the path can carry',
        yMax: 100,
        series: [
          { name: 'reliable UDP', points: ours },
          { name: "the simulator's TCP", points: tcp },
        ],
      });
    },
  }),
];
