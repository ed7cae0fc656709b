/** Reading classic pcap: every byte order and time unit, any slicing, and files that lie or end too early. */
import { describe, expect, it } from 'vitest';
import { readSlices, type Packet, type ReadResult } from '../../scenarios/replay/pcap-reader.ts';
import { pcapFile, START_MICROS, type PcapShape } from './pcap-writer.ts';

type Read = { readonly packets: readonly Packet[]; readonly result: ReadResult };

async function read(file: Buffer, sliceBytes = file.length, isSizeKnown = true): Promise<Read> {
  const packets: Packet[] = [];
  async function* slices(): AsyncGenerator<Buffer> {
    // One buffer for all slices, as the file reader does it.
    const shared = Buffer.alloc(Math.max(sliceBytes, 1));
    for (let at = 0; at < file.length; at += sliceBytes) {
      const bytes = file.copy(shared, 0, at, Math.min(at + sliceBytes, file.length));
      yield await Promise.resolve(shared.subarray(0, bytes));
    }
  }
  const result = await readSlices(slices(), isSizeKnown ? file.length : undefined, {
    onHeader: () => undefined,
    onPacket: (packet) => packets.push({ ...packet, bytes: Buffer.from(packet.bytes) }),
  });
  return { packets, result };
}

const content = (length: number, value: number): Buffer => Buffer.alloc(length, value);
const three = [1, 2, 3].map((value) => ({ timeMicros: START_MICROS + value, bytes: content(50 * value, value) }));

const shapes: readonly PcapShape[] = [true, false].flatMap((littleEndian) =>
  [true, false].map((nanoseconds) => ({ littleEndian, nanoseconds })),
);

describe('whole files', () => {
  for (const shape of shapes) {
    for (const sliceBytes of [1, 7, 16, 23, 24, 25, 1000]) {
      const name = `${shape.littleEndian === true ? 'little' : 'big'} endian, ${shape.nanoseconds === true ? 'nano' : 'micro'}seconds, slices of ${sliceBytes}`;
      it(`are read the same: ${name}`, async () => {
        const { packets, result } = await read(pcapFile(three, shape), sliceBytes);
        expect(result.fault).toBeUndefined();
        expect(packets.map((packet) => packet.number)).toEqual([1, 2, 3]);
        expect(packets.map((packet) => packet.timeMicros)).toEqual(three.map((packet) => packet.timeMicros));
        expect(packets.map((packet) => packet.bytes)).toEqual(three.map((packet) => packet.bytes));
      });
    }
  }

  it('may hold no packet at all', async () => {
    expect((await read(pcapFile([]))).result).toMatchObject({ packets: 0, fault: undefined });
  });
});

describe('files that end too early', () => {
  const file = pcapFile(three);

  it('give every whole packet and name the cut, wherever it is and whether or not the size is known', async () => {
    const ends = [24, 24 + 16 + 50, 24 + 32 + 150, file.length];
    for (let length = 25; length < file.length; length += 1) {
      if (ends.includes(length)) continue;
      for (const isSizeKnown of [true, false]) {
        const { packets, result } = await read(file.subarray(0, length), 64, isSizeKnown);
        const whole = ends.filter((end) => end <= length).length - 1;
        expect(packets.length, `cut at ${length}`).toBe(whole);
        expect(result.fault, `cut at ${length}`).toMatchObject({ kind: 'cutOff', offset: length });
      }
    }
  });

  it('inside the file header are cut off when the magic number is there', async () => {
    expect((await read(file.subarray(0, 10))).result).toMatchObject({ header: undefined, fault: { kind: 'cutOff' } });
    expect((await read(file.subarray(0, 2))).result.fault?.kind).toBe('damaged');
    expect((await read(Buffer.alloc(0), 1)).result.fault).toMatchObject({
      kind: 'damaged',
      message: 'the file is empty',
    });
  });
});

describe('files that lie', () => {
  const withLength = (value: number, snapBytes = 262_144): Buffer => {
    const file = pcapFile(three, { snapBytes });
    file.writeUInt32LE(value, 24 + 16 + 50 + 8);
    return file;
  };

  for (const claimed of [262_145, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    it(`a packet of ${claimed} bytes is refused before anything is allocated for it`, async () => {
      for (const isSizeKnown of [true, false]) {
        const { packets, result } = await read(withLength(claimed), 1000, isSizeKnown);
        expect(packets.length).toBe(1);
        expect(result.fault).toMatchObject({ kind: 'damaged', offset: 24 + 16 + 50 });
        expect(result.fault?.message).toContain(String(claimed));
      }
    });
  }

  it('a packet longer than the snapshot length is refused', async () => {
    const { result } = await read(pcapFile(three, { snapBytes: 120 }));
    expect(result.fault?.message).toContain('snapshot length of 120');
    expect(result.packets).toBe(2);
  });

  it('a snapshot length of 0 is no limit', async () => {
    expect((await read(pcapFile(three, { snapBytes: 0 }))).result.fault).toBeUndefined();
  });

  it('a length beyond the end of the file is a cut', async () => {
    const { packets, result } = await read(withLength(200_000));
    expect(packets.length).toBe(1);
    expect(result.fault?.kind).toBe('cutOff');
  });
});

describe('files of other kinds', () => {
  const hints: readonly (readonly [hex: string, hint: string])[] = [
    ['0a0d0d0a', 'editcap -F pcap'],
    ['1f8b0800', 'gunzip'],
    ['28b52ffd', 'unzstd'],
    ['34cdb2a1', 'modified packet header'],
    ['7b226122', 'no classic pcap magic number'],
  ];
  for (const [hex, hint] of hints) {
    it(`${hex} is named: ${hint}`, async () => {
      const { result } = await read(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(40)]));
      expect(result.fault?.message).toContain(hint);
    });
  }

  it('another version of the format is refused', async () => {
    const file = pcapFile(three);
    file.writeUInt16LE(3, 6);
    expect((await read(file)).result.fault?.message).toContain('version is 2.3');
  });
});
