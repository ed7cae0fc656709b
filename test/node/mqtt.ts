/**
 * Unmodified MQTT on virtual hosts: the client of the package `mqtt` on two of them, the broker `aedes` on a third, over links
 * that lose, delay and repeat packets, with a partition in the middle.
 *
 * One function plays the story and tells what came of it; the test and the demo both call it.
 */
import type { Aedes } from 'aedes';
import type { IClientOptions, MqttClient } from 'mqtt';
import { Faults, Internet, World, namesOf, ratio } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';
import type { NodeProcess } from '../../sim/node/index.ts';
import { captureStory } from './worlds.ts';
import type { StoryFiles } from './worlds.ts';

export type MqttStory = {
  readonly digest: string;
  readonly virtualMillis: number;
  /** Payloads as the subscriber got them, per quality of service. */
  readonly received: { readonly qos1: readonly string[]; readonly qos2: readonly string[] };
  /** What happened to the publisher's connection, with the virtual time in milliseconds. */
  readonly publisherLog: readonly string[];
  readonly brokerLog: readonly string[];
  readonly files: StoryFiles;
};

export type MqttOptions = {
  /**
   * Whether the broker keeps the subscriber's session. `kept` meets a fault of `aedes-persistence` 11.0: two PUBREC of one
   * client that are handled together make it send the second PUBREL twice and the first never, and a message is lost.
   */
  readonly session?: 'clean' | 'kept';
};

const MESSAGE_COUNT = 20;
/** What has not arrived so long after the last message will not come any more. */
const PATIENCE_MICROS = 60_000_000;
const KEEP_ALIVE_SECONDS = 5;

type Hosts = { readonly broker: Host; readonly publisher: Host; readonly subscriber: Host };

/** Plays the whole story for a seed. */
export async function playMqtt(seed: number, { session = 'clean' }: MqttOptions = {}): Promise<MqttStory> {
  const world = new World({ seed });
  const loss = ratio(3, 100);
  const link = { delayMicros: 20_000, jitterMicros: 5_000, loss, duplicate: ratio(1, 100) };
  const internet = new Internet(world, { link });
  const hosts: Hosts = {
    broker: internet.host('broker'),
    publisher: internet.host('publisher'),
    subscriber: internet.host('subscriber'),
  };
  namesOf(world).set('mqtt.example', ['198.18.0.2']);
  const files = captureStory(hosts.broker);
  return world.run(async () => {
    const log = { publisher: [] as string[], broker: [] as string[] };
    const broker = await startBroker(world, hosts.broker, log.broker);
    const received: Record<'qos1' | 'qos2', string[]> = { qos1: [], qos2: [] };
    const subscriber = dial(hosts.subscriber, 'subscriber', session === 'clean');
    subscriber.on('message', (topic, payload) => received[topic as 'qos1' | 'qos2'].push(payload.toString()));
    await subscriber.subscribeAsync({ qos1: { qos: 1 }, qos2: { qos: 2 } });
    const publisher = dial(hosts.publisher, 'publisher', false);
    for (const name of ['connect', 'reconnect', 'close', 'offline'] as const) {
      publisher.on(name, () => log.publisher.push(`${Math.floor(world.nowMicros / 1_000)} ${name}`));
    }
    const published: Promise<unknown>[] = [];
    for (let index = 0; index < MESSAGE_COUNT; index += 1) {
      if (index === MESSAGE_COUNT / 2) await partition(world, publisher);
      published.push(publisher.publishAsync('qos1', `one ${index}`, { qos: 1 }));
      published.push(publisher.publishAsync('qos2', `two ${index}`, { qos: 2 }));
      await world.sleep(250_000);
    }
    await Promise.all(published);
    const giveUpMicros = world.nowMicros + PATIENCE_MICROS;
    const isComplete = (): boolean =>
      new Set(received.qos1).size === MESSAGE_COUNT && received.qos2.length === MESSAGE_COUNT;
    while (!isComplete() && world.nowMicros < giveUpMicros) {
      await world.sleep(100_000);
    }
    // Quiet long enough for several pings.
    await world.sleep(4 * KEEP_ALIVE_SECONDS * 1_000_000);
    await Promise.all([publisher.endAsync(), subscriber.endAsync()]);
    await broker.close();
    return {
      digest: world.digest(),
      virtualMillis: Math.floor(world.nowMicros / 1_000),
      received,
      publisherLog: log.publisher,
      brokerLog: log.broker,
      files,
    };
  });
}

function processOn(host: Host): NodeProcess {
  return startNode(host, { from: import.meta.url });
}

async function startBroker(world: World, host: Host, log: string[]): Promise<{ close(): Promise<void> }> {
  const node = processOn(host);
  const module = node.require('aedes') as { readonly Aedes: typeof Aedes };
  const net = node.require('net') as typeof import('node:net');
  const broker = await module.Aedes.createBroker({ id: 'broker' });
  const note = (text: string): void => {
    log.push(`${Math.floor(world.nowMicros / 1_000)} ${text}`);
  };
  broker.on('client', (client) => {
    note(`client ${client.id}`);
  });
  broker.on('clientDisconnect', (client) => {
    note(`disconnect ${client.id}`);
  });
  broker.on('keepaliveTimeout', (client) => {
    note(`keepaliveTimeout ${client.id}`);
  });
  broker.on('ping', (_packet, client) => {
    note(`ping ${client.id}`);
  });
  const server = net.createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(1883, resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        broker.close(() => server.close(() => resolve()));
      }),
  };
}

function dial(host: Host, clientId: string, clean: boolean): MqttClient {
  const mqtt = processOn(host).require('mqtt') as typeof import('mqtt');
  const options: IClientOptions = { clientId, clean, keepalive: KEEP_ALIVE_SECONDS, reconnectPeriod: 1_000 };
  return mqtt.connect('mqtt://mqtt.example', options);
}

/** Cuts the publisher off until it has noticed, and some more. */
async function partition(world: World, publisher: MqttClient): Promise<void> {
  const faults = new Faults(world);
  faults.apply({ fault: 'partition', between: [['publisher'], ['broker']] });
  await new Promise<void>((resolve) => publisher.once('close', resolve));
  await world.sleep(3_000_000);
  faults.apply({ fault: 'heal' });
}
