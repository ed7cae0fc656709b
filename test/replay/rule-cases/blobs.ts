/** Traffic that breaks each rule of `rules/blobs.ts`, and traffic that does not. */
import { codecs } from '../../../impl/wire/index.ts';
import { NONE, T, fragment, logon, single, type RuleCases } from './words.ts';

export const blobsCases: RuleCases = {
  'fragment-index-next': {
    broken: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { FragmentIndex: 2 }))
        .close(),
    intact: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { FragmentIndex: 1 }))
        .close(),
  },
  'fragment-index-from-zero': {
    broken: () =>
      logon()
        .client(fragment(2, { FragmentIndex: 1 }))
        .close(),
    intact: () =>
      logon()
        .server({ ...fragment(2, { FragmentIndex: 1, BlobID: 4 }), source: 'bob' })
        .close(),
  },
  'fragment-information-type': {
    broken: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { FragmentIndex: 1, InformationType: 8 }))
        .close(),
    intact: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { FragmentIndex: 1 }))
        .close(),
  },
  'fragment-size': {
    broken: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { FragmentIndex: 1, Fragment: Buffer.from('abc') }))
        .close(),
    intact: () => {
      const last = { FragmentIndex: 1, Fragment: Buffer.from('abc'), IsLast: true };
      return logon().client(fragment(2)).client(fragment(3, last)).close();
    },
  },
  'empty-fragment-is-whole': {
    broken: () =>
      logon()
        .client(fragment(2, { Fragment: NONE }))
        .close(),
    intact: () =>
      logon()
        .client(fragment(2, { Fragment: null, IsLast: true }))
        .close(),
  },
  'blob-ids-count-up': {
    broken: () =>
      logon()
        .client(fragment(2, { IsLast: true }))
        .client(fragment(3, { BlobID: 3 }))
        .close(),
    intact: () =>
      logon()
        .client(fragment(2))
        .client(fragment(3, { BlobID: 2 }, T.BlobByRapidEngine))
        .close(),
  },
  'blob-id-legal': {
    broken: () =>
      logon()
        .client(fragment(2, { BlobID: -1, IsLast: true }))
        .close(),
    intact: () => logon().client(fragment(2)).close(),
  },
  'single-fragment-form': {
    broken: () =>
      logon()
        .client(fragment(2, { BlobID: -1 }, T.BlobByRapidEngine))
        .close(),
    intact: () =>
      logon()
        .client(single(2, codecs.BlobAndTagContract.encode({ Message: null, Tag: null })))
        .close(),
  },
  'message-and-tag': {
    broken: () =>
      logon()
        .client(single(2, Buffer.from('abcd')))
        .close(),
    intact: () =>
      logon()
        .client(single(2, codecs.BlobAndTagContract.encode({ Message: null, Tag: 't' })))
        .close(),
  },
};
