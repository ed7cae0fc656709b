/** Bytes <-> values: frames, codecs, errors. Everything here is driven by `spec/grammar` and touches no runtime. */
export { annotate, annotations, formatAnnotations } from './annotate.ts';
export type { Annotation } from './annotate.ts';
export { Codec } from './codec.ts';
export type { DecodeResult } from './codec.ts';
export { codecs, compactPropertySerializer, defineContract, defineType } from './codecs.ts';
export type { FieldTypes } from './codecs.ts';
export { encodeFrame, encodeMessage } from './encode-frame.ts';
export type { FrameHeader } from './encode-frame.ts';
export type { FrameLimits } from './frame-limits.ts';
export { FrameDecoder } from './frame-decoder.ts';
export type { FrameError, FrameSink } from './frame-decoder.ts';
export type { FrameView } from './frame-view.ts';
export { describeValue, LocalProtocolError } from './local-error.ts';
export {
  decodePunchingDatagram,
  encodeDiscover,
  encodeProbe,
  encodeProbeAck,
  isPunchingDatagram,
  parseIpv4,
} from './punching-datagrams.ts';
export type { PunchingDatagram } from './punching-datagrams.ts';
export { encodeUtf8, isUtf8, readUtf8, utf8Length } from './utf8.ts';
export { walkBody } from './walk.ts';
export type { DecodeError, WalkStep } from './walk.ts';
