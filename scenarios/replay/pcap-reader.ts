/**
 * Reads a classic pcap file packet by packet, in slices, with bounded memory.
 *
 * The format itself is parsed by the npm package `pcap-parser`. It knows neither nanosecond files nor lengths that lie,
 * nor that a file ended too early, so a gate stands in front of it and the magic number of nanosecond files is replaced.
 * It is fed through an emitter instead of a stream so that every slice is done before the next one is read.
 *
 * The package alone reads about a million packets a second on one core, whatever their size; that is a quarter of the time
 * of a replay of small messages, so it limits nothing before the judging does.
 */
import { EventEmitter } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { parse, type ParsedPacket } from 'pcap-parser';
import { GLOBAL_HEADER_BYTES, readGlobalHeader, withMicrosecondMagic } from './pcap-format.ts';
import type { PcapHeader } from './pcap-format.ts';
import { PcapGate, type GateFault } from './pcap-gate.ts';

/** Bytes read at once. Measured: 64 KiB is half as fast, 4 MiB is slower again. */
const SLICE_BYTES = 1_048_576;

/** One captured packet. */
export type Packet = {
  /** As Wireshark counts: from 1. */
  readonly number: number;
  /** Microseconds since 1970-01-01 UTC, rounded down. */
  readonly timeMicros: number;
  /** What was captured; only valid during the call. */
  readonly bytes: Buffer;
};

/** How reading ended. */
export type ReadResult = {
  /** Undefined when not even the file header could be read. */
  readonly header: PcapHeader | undefined;
  readonly packets: number;
  /** Bytes read from the file. */
  readonly fileBytes: number;
  /** Undefined when the file was read to its end and is whole. */
  readonly fault: GateFault | undefined;
};

export type PacketSink = {
  /** Called once, before the first packet; a returned message refuses the file. */
  onHeader(header: PcapHeader): string | undefined;
  onPacket(packet: Packet): void;
};

/** What `pcap-parser` takes for a stream. */
class SliceFeed extends EventEmitter {
  pause(): this {
    return this;
  }
  resume(): this {
    return this;
  }
}

/**
 * Reads the capture at `path`; `-` is standard input.
 * @throws what the operating system says when the file cannot be opened or read
 */
export async function readPcap(path: string, sink: PacketSink): Promise<ReadResult> {
  if (path === '-') return readSlices(stdinSlices(), undefined, sink);
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    return await readSlices(fileSlices(file), stat.isFile() ? stat.size : undefined, sink);
  } finally {
    await file.close();
  }
}

/** Reads a capture from slices of any size. A slice may be reused by its owner once the next one is asked for. */
export async function readSlices(
  slices: AsyncIterable<Buffer>,
  fileBytes: number | undefined,
  sink: PacketSink,
): Promise<ReadResult> {
  let start = Buffer.alloc(0);
  let reader: PacketReader | undefined;
  let read = 0;
  for await (const slice of slices) {
    read += slice.length;
    let rest = slice;
    if (reader === undefined) {
      const missing = GLOBAL_HEADER_BYTES - start.length;
      start = Buffer.concat([start, slice.subarray(0, missing)]);
      if (start.length < GLOBAL_HEADER_BYTES) continue;
      const header = readGlobalHeader(start);
      if ('message' in header) {
        return { header: undefined, packets: 0, fileBytes: read, fault: { kind: 'damaged', ...header } };
      }
      const refusal = sink.onHeader(header);
      if (refusal !== undefined) {
        return { header, packets: 0, fileBytes: read, fault: { kind: 'damaged', offset: 20, message: refusal } };
      }
      reader = new PacketReader(start, header, fileBytes, sink);
      rest = slice.subarray(missing);
    }
    if (!reader.take(rest)) break;
  }
  if (reader !== undefined) return { ...reader.finish(), fileBytes: read };
  const fault = headerFault(start);
  return { header: undefined, packets: 0, fileBytes: read, fault };
}

/** What is wrong with a file that ended inside its first 24 bytes. */
function headerFault(start: Buffer): GateFault {
  if (start.length === 0) return { kind: 'damaged', offset: 0, message: 'the file is empty' };
  const padded = Buffer.concat([start, Buffer.alloc(GLOBAL_HEADER_BYTES - start.length)]);
  const header = readGlobalHeader(padded);
  if ('message' in header && header.offset === 0) return { kind: 'damaged', ...header };
  const message = `the file ends after ${start.length} of the ${GLOBAL_HEADER_BYTES} bytes of its header`;
  return { kind: 'cutOff', offset: start.length, message };
}

/** Gate and parser, joined. */
class PacketReader {
  readonly #feed = new SliceFeed();
  readonly #gate: PcapGate;
  readonly #header: PcapHeader;
  #packets = 0;

  constructor(globalHeader: Buffer, header: PcapHeader, fileBytes: number | undefined, sink: PacketSink) {
    this.#header = header;
    this.#gate = new PcapGate(header, fileBytes);
    const unitsPerMicro = header.unitsPerSecond / 1_000_000;
    const parser = parse(this.#feed);
    parser.on('packet', (packet: ParsedPacket) => {
      this.#packets += 1;
      const { timestampSeconds, timestampMicroseconds } = packet.header;
      const timeMicros = timestampSeconds * 1_000_000 + Math.floor(timestampMicroseconds / unitsPerMicro);
      sink.onPacket({ number: this.#packets, timeMicros, bytes: packet.data });
    });
    parser.on('error', (error: Error) => {
      // The gate has already refused everything the parser complains about.
      throw error;
    });
    // Its own slice: the parser keeps the first one without copying it.
    this.#feed.emit('data', withMicrosecondMagic(globalHeader, header));
  }

  /** @returns false when reading on makes no sense */
  take(slice: Buffer): boolean {
    const admitted = this.#gate.admit(slice);
    if (admitted.length > 0) this.#feed.emit('data', admitted);
    return this.#gate.fault === undefined;
  }

  finish(): Omit<ReadResult, 'fileBytes'> {
    this.#gate.finish();
    this.#feed.emit('end');
    return { header: this.#header, packets: this.#packets, fault: this.#gate.fault };
  }
}

/** The file in slices; one buffer is used for all of them, the parser copies. */
async function* fileSlices(file: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(SLICE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, SLICE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* stdinSlices(): AsyncGenerator<Buffer> {
  for await (const chunk of process.stdin) yield chunk as Buffer;
}
