/**
 * Simulated TCP: payload a second of processor time, in one bulk transfer of segments of 1,460 bytes between two hosts, with
 * the digest on, once acknowledging every segment and once every second one.
 *
 * There is no peer: nothing else at hand moves real bytes through a simulated TCP in this runtime.
 */
import { Internet, World } from '../../sim/index.ts';
import type { TcpOptions } from '../../sim/index.ts';
import { median } from './model.ts';
import type { BenchRow } from './model.ts';

const SEGMENT_BYTES = 1_460;
/** What the application writes at once. */
const WRITE_BYTES = 64 * SEGMENT_BYTES;
const TOTAL_BYTES = 200_000_000;
const ROUNDS = 5;

function cpuSeconds(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/** Moves the bytes and gives megabytes per second of processor time. */
function bulkRate(tcp: Partial<TcpOptions>): number {
  const world = new World({ seed: 1 });
  const internet = new Internet(world, { link: { delayMicros: 1_000 } });
  const options = { tcp: { ...tcp, sendBufferBytes: 1 << 20, receiveBufferBytes: 1 << 20 } };
  const [client, server] = [internet.host('client', options), internet.host('server', options)];
  let received = 0;
  const onData = (bytes: Uint8Array): void => {
    received += bytes.length;
  };
  const onError = (code: string): void => {
    throw new Error(code);
  };
  server.platform().listenTcp({ port: 1 }, { onConnection: () => ({ onData, onClosed: () => undefined }), onError });
  const remote = { address: server.platform().localAddresses()[0]!, port: 1 };
  const piece = new Uint8Array(WRITE_BYTES);
  let left = TOTAL_BYTES;
  const write = (): void => {
    while (left > 0 && connection.queuedBytes === 0) {
      if (connection.writeUnchanging === undefined) connection.write(piece);
      else connection.writeUnchanging(piece);
      left -= WRITE_BYTES;
    }
  };
  const handlers = { onConnected: write, onData: () => undefined, onDrain: write, onClosed: () => undefined };
  const connection = client.platform().connectTcp({ remote }, handlers);
  const seconds = cpuSeconds(() => {
    while (received < TOTAL_BYTES) world.runUntil(world.nowMicros + 1_000_000);
  });
  return received / 1e6 / seconds;
}

/** One row for each way of acknowledging. */
export function simTcpBench(): Promise<BenchRow[]> {
  const row = (name: string, tcp: Partial<TcpOptions>): BenchRow => {
    bulkRate(tcp);
    return {
      name,
      ours: median(Array.from({ length: ROUNDS }, () => bulkRate(tcp))),
      peer: null,
      peerName: '',
      unit: 'MB/CPU s',
      ratio: null,
      target: 500,
    };
  };
  return Promise.resolve([
    row('simulated TCP, bulk, every second segment acknowledged', { delayedAckMicros: 40_000 }),
    row('simulated TCP, bulk, every segment acknowledged', {}),
  ]);
}
