/**
 * All files that are made from the grammar and kept in the repository, as text by path. Pure: writing them is the caller's.
 *
 * `npx tsx test/spec-data/write.ts` writes them; a test fails when a file in the repository differs.
 */
import { describeMarkdown } from './describe-markdown.ts';
import { wiresharkUdpDissector } from './wireshark-udp.ts';
import { wiresharkDissector } from './wireshark-dissector.ts';

/** Path from the repository's root to text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['spec/grammar/tables.md', describeMarkdown()],
    ['spec/wireshark/esf.lua', wiresharkDissector()],
    ['spec/wireshark/esf-udp.lua', wiresharkUdpDissector()],
  ]);
}
