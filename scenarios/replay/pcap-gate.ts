/**
 * The guard in front of the pcap parser: walks the packet headers and lets only whole, sane packets through.
 *
 * It keeps no packet and copies no data; it needs 16 bytes. Lengths are judged before anybody could allocate by them.
 * Drive: `new PcapGate(header, fileBytes)`, `admit(chunk)` for each chunk after the global header, `finish()` at the end
 * of the file; `fault` says what was wrong, if anything, and after a fault nothing more is let through.
 */
import { CAPTURED_BYTES_MAX, GLOBAL_HEADER_BYTES, PACKET_HEADER_BYTES } from './pcap-format.ts';
import type { FileFault, PcapHeader } from './pcap-format.ts';

export type GateFault = FileFault & {
  /** `cutOff`: the file ends too early, what came before is good. `damaged`: a length that cannot be. */
  readonly kind: 'cutOff' | 'damaged';
};

/**
 *
 */
export class PcapGate {
  /** What stopped the walk, or undefined. */
  fault: GateFault | undefined;
  /** Packets whose header was accepted so far. */
  packets = 0;

  readonly #header: PcapHeader;
  readonly #fileBytes: number | undefined;
  readonly #partial = Buffer.alloc(PACKET_HEADER_BYTES);
  #partialBytes = 0;
  /** Bytes of the current packet that are still to come. */
  #dataLeft = 0;
  #offset = GLOBAL_HEADER_BYTES;

  /** @param fileBytes the size of the file, or undefined when it is not known (a pipe) */
  constructor(header: PcapHeader, fileBytes: number | undefined) {
    this.#header = header;
    this.#fileBytes = fileBytes;
  }

  /** The part of `chunk` that may be parsed; shorter than `chunk` only when a fault was found. */
  admit(chunk: Buffer): Buffer {
    let at = 0;
    while (at < chunk.length && !this.#hasFault()) {
      if (this.#dataLeft > 0) {
        const step = Math.min(this.#dataLeft, chunk.length - at);
        this.#dataLeft -= step;
        this.#offset += step;
        at += step;
        continue;
      }
      const headerStart = at;
      if (this.#partialBytes === 0 && chunk.length - at >= PACKET_HEADER_BYTES) {
        this.#takeHeader(chunk, at);
        at += PACKET_HEADER_BYTES;
      } else {
        const taken = chunk.copy(this.#partial, this.#partialBytes, at, at + PACKET_HEADER_BYTES - this.#partialBytes);
        this.#partialBytes += taken;
        at += taken;
        if (this.#partialBytes < PACKET_HEADER_BYTES) break;
        this.#partialBytes = 0;
        this.#takeHeader(this.#partial, 0);
      }
      if (this.#hasFault()) return chunk.subarray(0, headerStart);
    }
    return chunk;
  }

  #hasFault(): boolean {
    return this.fault !== undefined;
  }

  /** The file has ended: anything begun and not complete is a cut. */
  finish(): void {
    if (this.fault !== undefined) return;
    if (this.#partialBytes > 0) {
      this.#cut(
        this.#offset + this.#partialBytes,
        `the file ends after ${this.#partialBytes} of the ${PACKET_HEADER_BYTES} header bytes of packet ${this.packets + 1}`,
      );
    } else if (this.#dataLeft > 0) {
      this.#cut(this.#offset, `the file ends ${this.#dataLeft} bytes before the end of packet ${this.packets}`);
    }
  }

  /** Judges one whole packet header. */
  #takeHeader(bytes: Buffer, at: number): void {
    const captured = this.#header.littleEndian ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8);
    const number = this.packets + 1;
    const limit =
      this.#header.snapBytes === 0 ? CAPTURED_BYTES_MAX : Math.min(CAPTURED_BYTES_MAX, this.#header.snapBytes);
    if (captured > limit) {
      const of = limit === CAPTURED_BYTES_MAX ? `the limit of ${limit}` : `the file's own snapshot length of ${limit}`;
      this.fault = {
        kind: 'damaged',
        offset: this.#offset,
        message: `packet ${number} claims ${captured} captured bytes, more than ${of}`,
      };
      return;
    }
    const end = this.#offset + PACKET_HEADER_BYTES + captured;
    if (this.#fileBytes !== undefined && end > this.#fileBytes) {
      const left = this.#fileBytes - this.#offset - PACKET_HEADER_BYTES;
      this.#cut(this.#fileBytes, `the file ends after ${left} of the ${captured} bytes of packet ${number}`);
      return;
    }
    this.packets = number;
    this.#offset += PACKET_HEADER_BYTES;
    this.#dataLeft = captured;
  }

  #cut(offset: number, message: string): void {
    this.fault = { kind: 'cutOff', offset, message };
  }
}
