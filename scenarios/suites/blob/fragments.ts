/** Fragments as values, for both sides of the suite. */
import { codecs } from '../../../impl/wire/index.ts';
import type { SeenMessage } from '../../attach/raw-peer.ts';

/** A fragment as the contract has it. */
export type Fragment = {
  readonly BlobID: number;
  readonly Fragment: Uint8Array | null;
  readonly FragmentIndex: number;
  readonly InformationType: number;
  readonly IsLast: boolean;
};

/** The fragment in a message; fails the run when there is none. */
export function fragmentOf(message: SeenMessage): Fragment {
  const body = codecs.BlobFragmentContract.decode(message.body);
  if (!body.ok) throw new Error(`a message of type ${message.messageType} holds no fragment: ${body.error.detail}`);
  return body.value;
}

/** The body of a fragment's message. */
export function fragmentBody(fragment: Fragment): Uint8Array {
  return codecs.BlobFragmentContract.encode(fragment);
}
