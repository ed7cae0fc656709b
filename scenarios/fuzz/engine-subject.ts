/** The engine's own parser as a subject of the fuzzer. */
import { contracts, type ContractName } from '../../spec/grammar/index.ts';
import { codecs, defineType, encodeFrame, FrameDecoder, type Codec } from '../../impl/wire/index.ts';
import { BODY_TARGETS, type SeenFrame, type Subject } from './model.ts';

const codecByName = new Map<string, Codec<unknown>>(
  BODY_TARGETS.map(({ name, type }) => [
    name,
    name in contracts ? (codecs[name as ContractName] as Codec<unknown>) : defineType(type),
  ]),
);

function codecOf(target: string): Codec<unknown> {
  const codec = codecByName.get(target);
  if (codec === undefined) throw new Error(`there is no body ${target}`);
  return codec;
}

/** The parser that `impl/wire` exports. */
export const engineSubject: Subject = {
  decoder: (limits) => new FrameDecoder(limits),
  decodeBody: (target, bytes) => codecOf(target).decodeNullable(bytes),
  encodeBody: (target, value) => codecOf(target).encode(value),
  encodeFrame: (frame: SeenFrame, userIdBytesMax) => {
    const { clientType, messageType, messageId } = frame;
    const header = { clientType, messageType, messageId, sourceId: frame.sourceId(), destId: frame.destId() };
    return encodeFrame(header, frame.body(), userIdBytesMax);
  },
};
