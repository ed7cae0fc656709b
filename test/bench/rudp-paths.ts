/**
 * Simulated paths for the benchmarks of reliable UDP, and the contestants on them: ours, the simulator's TCP, KCP.
 *
 * All run in virtual time on the same links with the same seed; what is counted is what the application at the far end got.
 */
import { RudpLink } from '../../impl/engine/p2p/rudp-link.ts';
import type { RudpCongestionControl } from '../../impl/core/rudp/index.ts';
import type { Endpoint, Platform } from '../../spec/platform.ts';
import { Internet, World, ratio } from '../../sim/index.ts';
import type { Kcp, KcpConstructor } from './kcp.ts';

export type PathSettings = {
  readonly bandwidthBitsPerSec: number;
  readonly oneWayMicros: number;
  readonly jitterMicros: number;
  /** Both ways. */
  readonly lossPerMille: number;
};

type End = { readonly platform: Platform; readonly endpoint: Endpoint };

export type Path = { readonly world: World; readonly left: End; readonly right: End; readonly settings: PathSettings };

const PORT = 5000;
const TOKEN = 0x1234_5678_9abc_def0n;
/** Of the link without the bottleneck. */
const FAR_MICROS = 1_000;
const FEED_BYTES = 65_536;
const FEED_MICROS = 5_000;
/** What waits in the sender's queue at least, so that the network is the limit. */
const QUEUED_BYTES = 1 << 20;

/** Two hosts, one of them behind the bottleneck, whose queue holds one product of bandwidth and round trip. */
function createPath(settings: PathSettings, seed: number): Path {
  const { bandwidthBitsPerSec, oneWayMicros, jitterMicros, lossPerMille } = settings;
  const world = new World({ seed });
  const internet = new Internet(world, { link: { delayMicros: FAR_MICROS } });
  const productBytes = Math.floor((bandwidthBitsPerSec / 8) * ((2 * oneWayMicros) / 1e6));
  const link = {
    delayMicros: oneWayMicros - FAR_MICROS,
    jitterMicros,
    bandwidthBitsPerSecond: bandwidthBitsPerSec,
    queueBytesMax: productBytes,
    loss: ratio(lossPerMille, 1000),
  };
  const end = (platform: Platform): End => ({
    platform,
    endpoint: { address: platform.localAddresses()[0]!, port: PORT },
  });
  const left = end(internet.host('left', { link }).platform());
  return { world, left, right: end(internet.host('right').platform()), settings };
}

/** A way to send and to be told what came, on one path. */
export type Channel = {
  readonly queuedBytes: () => number;
  readonly send: (bytes: Uint8Array) => void;
};
export type Contestant = (
  path: Path,
  onReady: (channel: Channel) => void,
  onReceived: (bytes: Uint8Array) => void,
) => void;

/** Our machine over the simulator's UDP. */
export function rudp(congestionControl: RudpCongestionControl): Contestant {
  return ({ left, right }, onReady, onReceived) => {
    const links: { left?: RudpLink; right?: RudpLink } = {};
    const bind = (end: End, side: 'left' | 'right'): ((bytes: Uint8Array, to: Endpoint) => void) => {
      const handlers = { onMessage: (bytes: Uint8Array) => links[side]?.handleDatagram(bytes) };
      const socket = end.platform.bindUdp({ port: PORT }, handlers);
      return (bytes, to) => socket.send(bytes, to);
    };
    const common = { token: TOKEN, congestionControl };
    const quiet = { onDrain: () => undefined, onClosed: () => undefined };
    const handleFailed = (reason: string): void => {
      throw new Error(`reliable UDP did not connect: ${reason}`);
    };
    const ours = { ...common, platform: left.platform, local: left.endpoint, remote: right.endpoint };
    const theirs = { ...common, platform: right.platform, local: right.endpoint, remote: left.endpoint };
    links.right = new RudpLink(
      { ...theirs, send: bind(right, 'right'), starts: false },
      { handleConnected: () => ({ ...quiet, onData: onReceived }), handleFailed },
    );
    const handleConnected = (link: RudpLink): typeof quiet & { onData(): void } => {
      onReady({ queuedBytes: () => link.queuedBytes, send: (bytes) => link.write(bytes) });
      return { ...quiet, onData: () => undefined };
    };
    links.left = new RudpLink({ ...ours, send: bind(left, 'left') }, { handleConnected, handleFailed });
  };
}

/** The simulator's own TCP. */
export const simTcp: Contestant = ({ left, right }, onReady, onReceived) => {
  const ignore = (): void => undefined;
  right.platform.listenTcp(
    { port: PORT },
    { onConnection: () => ({ onData: onReceived, onClosed: ignore }), onError: ignore },
  );
  const connection = left.platform.connectTcp(
    { remote: right.endpoint },
    {
      onConnected: () =>
        onReady({ queuedBytes: () => connection.queuedBytes, send: (bytes) => connection.write(bytes) }),
      onData: ignore,
      onClosed: ignore,
    },
  );
};

export type KcpSettings = { readonly windowPackets: number; readonly mtuBytes: number };

/** KCP in fast mode (nodelay 1, interval 10 ms, resend 2, no congestion window), updated every 10 ms. */
export function kcp(KcpClass: KcpConstructor, settings: KcpSettings): Contestant {
  return ({ left, right }, onReady, onReceived) => {
    const make = (
      end: End,
      to: Endpoint,
      onMessage: (bytes: Uint8Array) => void,
    ): { conversation: Kcp; update: () => void } => {
      const conversation = new KcpClass(7, {});
      conversation.nodelay(1, 10, 2, 1);
      conversation.wndsize(settings.windowPackets, settings.windowPackets);
      conversation.setmtu(settings.mtuBytes);
      const nowMillis = (): number => Math.floor(end.platform.monotonicMicros() / 1000);
      const socket = end.platform.bindUdp(
        { port: PORT },
        {
          onMessage: (bytes) => {
            conversation.input(Buffer.from(bytes));
            for (let got = conversation.recv(); got != null && got.length > 0; got = conversation.recv())
              onMessage(got);
          },
        },
      );
      conversation.output((data, size) => socket.send(data.subarray(0, size), to));
      const update = (): void => {
        conversation.update(nowMillis());
        end.platform.setTimer(10_000, update);
      };
      return { conversation, update };
    };
    const far = make(right, left.endpoint, onReceived);
    const near = make(left, right.endpoint, () => undefined);
    far.update();
    near.update();
    const packetBytes = settings.mtuBytes - 24;
    const { conversation } = near;
    onReady({
      // A queue of two windows, as in the measurements this benchmark is compared with.
      queuedBytes: () => (conversation.waitsnd() >= 2 * settings.windowPackets ? Infinity : 0),
      send: (bytes) => {
        for (let at = 0; at < bytes.length; at += packetBytes)
          conversation.send(Buffer.from(bytes.subarray(at, at + packetBytes)));
      },
    });
  };
}

/** Sends as much as the path takes. @returns bytes a second that arrived, from the first possible byte on */
export function goodput(contestant: Contestant, settings: PathSettings, secs: number): number {
  const path = createPath(settings, 11);
  let receivedBytes = 0;
  let readyMicros = -1;
  const block = new Uint8Array(FEED_BYTES);
  contestant(
    path,
    (channel) => {
      readyMicros = path.world.nowMicros;
      const feed = (): void => {
        for (let left = QUEUED_BYTES / FEED_BYTES; left > 0 && channel.queuedBytes() < QUEUED_BYTES; left--)
          channel.send(block);
        path.left.platform.setTimer(FEED_MICROS, feed);
      };
      feed();
    },
    (bytes) => (receivedBytes += bytes.length),
  );
  path.world.runUntil(1_000_000);
  if (readyMicros < 0) throw new Error('the contestant did not get ready within a second');
  path.world.runUntil(readyMicros + secs * 1e6);
  return receivedBytes / secs;
}

/** Sends a message every `everyMicros`. @returns the one-way times of all, ascending; lost ones would be Infinity */
export function latencies(
  contestant: Contestant,
  settings: PathSettings,
  stream: { readonly count: number; readonly bytes: number; readonly everyMicros: number },
): number[] {
  const path = createPath(settings, 5);
  const sentAt: number[] = [];
  const times = new Array<number>(stream.count).fill(Infinity);
  let receivedBytes = 0;
  contestant(
    path,
    (channel) => {
      const message = new Uint8Array(stream.bytes);
      const send = (): void => {
        sentAt.push(path.world.nowMicros);
        channel.send(message);
        if (sentAt.length < stream.count) path.left.platform.setTimer(stream.everyMicros, send);
      };
      send();
    },
    (bytes) => {
      // TCP may join messages; all have one size, so counting bytes tells which have come.
      const before = Math.floor(receivedBytes / stream.bytes);
      receivedBytes += bytes.length;
      const now = path.world.nowMicros;
      for (let index = before; index < Math.floor(receivedBytes / stream.bytes); index++)
        times[index] = now - sentAt[index]!;
    },
  );
  path.world.runUntil(stream.count * stream.everyMicros + 5_000_000);
  return times.sort((a, b) => a - b);
}
