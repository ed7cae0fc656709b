/** Types of the part of `pcap-parser` 0.2 that is used; the package brings none. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events';

  export type ParsedPacket = {
    readonly header: {
      readonly timestampSeconds: number;
      /** Microseconds or nanoseconds, as the file's magic number says; the package passes the number on. */
      readonly timestampMicroseconds: number;
      readonly capturedLength: number;
      readonly originalLength: number;
    };
    /** A view into the parser's buffer, not a copy. */
    readonly data: Buffer;
  };

  /** Emits `packet` (ParsedPacket) for every whole packet, `error` for a magic number or version it does not know, `end`. */
  export function parse(input: EventEmitter & { pause(): unknown; resume(): unknown }): EventEmitter;
}
