import { describe, expect, it } from 'vitest';
import { playMqtt } from './mqtt.ts';

const twenty = (word: string): string[] => Array.from({ length: 20 }, (_, index) => `${word} ${index}`);

describe('mqtt and aedes on virtual hosts', () => {
  it('deliver every message as its quality of service says, over a lossy link and through a partition', async () => {
    const story = await playMqtt(7);
    expect([...new Set(story.received.qos1)]).toEqual(twenty('one'));
    expect(story.received.qos2).toEqual(twenty('two'));
  });

  it('keep alive, notice the partition on both sides, and reconnect', async () => {
    const { publisherLog, brokerLog } = await playMqtt(7);
    const words = publisherLog.map((line) => line.split(' ')[1]);
    expect(words.slice(0, 4)).toEqual(['connect', 'offline', 'close', 'reconnect']);
    expect(words.filter((word) => word === 'connect')).toHaveLength(2);
    expect(words.at(-1)).toBe('close');
    // Half as long again as the keep-alive of 5 s (MQTT-3.1.2-24), counted from the last packet.
    expect(brokerLog.filter((line) => line.endsWith('keepaliveTimeout publisher'))).toHaveLength(1);
    expect(brokerLog.filter((line) => line.endsWith('ping subscriber')).length).toBeGreaterThanOrEqual(4);
    expect(brokerLog.filter((line) => line.endsWith('client publisher'))).toHaveLength(2);
  });

  it('show a fault of the broker that needs two acknowledgments in one segment', async () => {
    let seed = 1;
    let story = await playMqtt(seed, { session: 'kept' });
    while (story.received.qos2.length === 20 && seed < 24) story = await playMqtt((seed += 1), { session: 'kept' });
    expect(story.received.qos1.length).toBeGreaterThanOrEqual(20);
    expect(story.received.qos2.length).toBeLessThan(20);
    // The same seed without a kept session loses nothing.
    expect((await playMqtt(seed)).received.qos2).toEqual(twenty('two'));
  });

  it('happen again exactly for the same seed, and otherwise for another', async () => {
    const [first, other] = [await playMqtt(11), await playMqtt(12)];
    const again = await playMqtt(11);
    expect(again.digest).toBe(first.digest);
    expect(again.publisherLog).toEqual(first.publisherLog);
    expect(again.files.pcap()).toEqual(first.files.pcap());
    expect(again.files.pcapng()).toEqual(first.files.pcapng());
    expect(other.digest).not.toBe(first.digest);
  });
});
