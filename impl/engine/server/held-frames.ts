/** Messages that came while a logon was being decided: kept as bytes, shown again afterwards, in order. */
import { FrameDecoder } from '../../wire/index.ts';
import type { FrameLimits, FrameSink, FrameView } from '../../wire/index.ts';

/** Messages held back on one connection. */
export class HeldFrames {
  readonly #frames: Uint8Array[] = [];
  /** The stream broke the rules after the last held message. */
  endsInvalid = false;

  add(frame: FrameView): void {
    this.#frames.push(frame.bytes().slice());
  }

  /** Shows all to the sink, until it returns false. */
  replay(limits: FrameLimits, sink: FrameSink): void {
    const decoder = new FrameDecoder(limits);
    for (const frame of this.#frames) decoder.push(frame, sink);
  }
}
