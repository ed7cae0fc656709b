/** Rules about fragments of blobs (BLB, ENG). Judged against the unfinished blobs whose beginning was seen. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { BLOB_ID_FIRST, BLOB_ID_SINGLE } from '../../../spec/limits.ts';
import { codecs } from '../../../impl/wire/index.ts';
import type { BlobTrack } from '../blob-tracks.ts';
import type { BlobFragment } from '../decode-body.ts';
import { isServerName, type Facts } from '../facts.ts';
import type { JudgedMessage, MessageRule, Rule } from '../judged.ts';
import { nameOf, quoted } from '../wording.ts';
import { ruleList } from './rule-list.ts';

const { BlobInformation, BlobByRapidEngine } = MessageType;

type BlobCheck = (
  fragment: BlobFragment,
  track: BlobTrack | undefined,
  message: JudgedMessage,
  facts: Facts,
) => string | undefined;

/** A rule about one fragment. */
function blobRule(rule: Pick<MessageRule, 'name' | 'clause' | 'needsStart'> & { readonly check: BlobCheck }): Rule {
  return {
    ...rule,
    on: 'message',
    level: 'MUST',
    types: [BlobInformation, BlobByRapidEngine],
    check: (message, facts) => {
      const fragment = message.value as BlobFragment | null | undefined;
      if (fragment === null || fragment === undefined) return undefined;
      const tracks = message.isFromServer ? facts.serverBlobs : facts.clientBlobs;
      return rule.check(fragment, tracks.find(message, fragment), message, facts);
    },
  };
}

/** The other end made the message itself; fragments the server only passes on may begin anywhere. */
const isOwn = (message: JudgedMessage): boolean => !message.isFromServer || isServerName(message.source);

const sizeOf = (fragment: BlobFragment): number => fragment.Fragment?.length ?? 0;

export const blobRules: readonly Rule[] = ruleList([
  blobRule({
    name: 'fragment-index-next',
    clause: 'BLB-001',
    check: ({ BlobID, FragmentIndex }, track) =>
      track === undefined || FragmentIndex === track.nextIndex || FragmentIndex === 0
        ? undefined
        : `fragment ${FragmentIndex} of blob ${BlobID} follows fragment ${track.nextIndex - 1}`,
  }),
  blobRule({
    name: 'fragment-index-from-zero',
    clause: 'BLB-001',
    needsStart: true,
    check: ({ BlobID, FragmentIndex }, track, message) =>
      track === undefined && isOwn(message) && FragmentIndex !== 0
        ? `blob ${BlobID} begins with fragment ${FragmentIndex}, not 0`
        : undefined,
  }),
  blobRule({
    name: 'fragment-information-type',
    clause: 'BLB-001',
    check: ({ BlobID, FragmentIndex, InformationType }, track) =>
      track === undefined || FragmentIndex === 0 || InformationType === track.informationType
        ? undefined
        : `InformationType of fragment ${FragmentIndex} of blob ${BlobID} is ${InformationType}, the first had ${track.informationType}`,
  }),
  blobRule({
    name: 'fragment-size',
    clause: 'BLB-002',
    check: (fragment, track) => {
      if (fragment.FragmentIndex !== track?.nextIndex) return undefined;
      const size = sizeOf(fragment);
      const isRight = fragment.IsLast ? size >= 1 && size <= track.fragmentBytes : size === track.fragmentBytes;
      if (isRight) return undefined;
      const wanted = fragment.IsLast ? `1 to ${track.fragmentBytes}` : String(track.fragmentBytes);
      return `fragment ${fragment.FragmentIndex} of blob ${fragment.BlobID} has ${size} bytes, it should have ${wanted}`;
    },
  }),
  blobRule({
    name: 'empty-fragment-is-whole',
    clause: 'BLB-010',
    check: (fragment) =>
      fragment.FragmentIndex === 0 && !fragment.IsLast && sizeOf(fragment) === 0
        ? `the first fragment of blob ${fragment.BlobID} is empty and not the last`
        : undefined,
  }),
  blobRule({
    name: 'blob-ids-count-up',
    clause: 'BLB-014',
    needsStart: true,
    check: ({ BlobID, FragmentIndex }, _track, message, facts) => {
      if (FragmentIndex !== 0 || BlobID === BLOB_ID_SINGLE || !isOwn(message)) return undefined;
      const tracks = message.isFromServer ? facts.serverBlobs : facts.clientBlobs;
      const wanted = tracks.lastId(message.source) + BLOB_ID_FIRST;
      return BlobID === wanted
        ? undefined
        : `a blob has BlobID ${BlobID}; the next number on this connection is ${wanted}`;
    },
  }),
  blobRule({
    name: 'blob-id-legal',
    clause: 'BLB-014',
    check: ({ BlobID }, _track, message) => {
      if (BlobID >= BLOB_ID_FIRST || (BlobID === BLOB_ID_SINGLE && message.type === BlobByRapidEngine))
        return undefined;
      return `BlobID ${BlobID} of a ${nameOf(message.type)}; blobs are numbered from ${BLOB_ID_FIRST} upward`;
    },
  }),
  blobRule({
    name: 'single-fragment-form',
    clause: 'ENG-001',
    check: ({ BlobID, FragmentIndex, IsLast }) =>
      BlobID === BLOB_ID_SINGLE && (FragmentIndex !== 0 || !IsLast)
        ? `a fragment with BlobID -1 has index ${FragmentIndex} and IsLast ${IsLast}; it is always 0 and true`
        : undefined,
  }),
  blobRule({
    name: 'message-and-tag',
    clause: 'ENG-001',
    check: ({ BlobID, Fragment, IsLast }, _track, message) => {
      if (message.type !== BlobByRapidEngine || BlobID !== BLOB_ID_SINGLE || !IsLast) return undefined;
      const content = codecs.BlobAndTagContract.decode(Fragment ?? new Uint8Array(0));
      return content.ok
        ? undefined
        : `the content of ${quoted(message.source)} is no BlobAndTagContract: ${content.error.detail}`;
    },
  }),
]);
