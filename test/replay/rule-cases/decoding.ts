/** Traffic that breaks each rule of `rules/decoding.ts`, and traffic that does not. */
import { aSession, frameOf } from '../session.ts';
import { T, asked, beat, body, info, logon, patched, type RuleCases } from './words.ts';

export const decodingCases: RuleCases = {
  'start-token': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 0: 0xe4 }))
        .close('server'),
    intact: () => logon().client(beat(2)).close(),
  },
  'client-type-known': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 1: 9 }))
        .close('server'),
    intact: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 1: 8 }))
        .close(),
  },
  'body-length-not-negative': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 7: 0x80 }))
        .close('server'),
    intact: () => logon().client(beat(2)).close(),
  },
  'ids-well-formed': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 12: 12 }))
        .close('server'),
    intact: () => logon().client(beat(2)).close(),
  },
  'message-within-limit': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 6: 0x10 }))
        .close('server'),
    intact: () =>
      logon()
        .client(info(2, { value: { Content: Buffer.alloc(60_000), InformationType: 1 } }))
        .close(),
  },
  'message-complete': {
    broken: () =>
      logon()
        .clientBytes(frameOf(beat(2), false).subarray(0, 20))
        .close(),
    intact: () => logon().client(beat(2)).close(),
  },
  'bool-is-0-or-1': {
    broken: () => {
      const session = aSession().open().logonRequest();
      return session.server({ type: T.Logon, id: 1, body: body('0f000000 ffffffff 02 00000000 0000') }).close('client');
    },
    intact: () => logon().close(),
  },
  'strings-are-utf-8': {
    broken: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0a000000 02000000 c080') })
        .close('server'),
    intact: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0a000000 02000000 c3a9') })
        .close(),
  },
  'body-where-one-belongs': {
    broken: () => logon().client({ type: T.InformationBySend, id: 2 }).close('server'),
    intact: () => logon().client(info(2)).close(),
  },
  'dictionary-keys': {
    broken: () => {
      const session = logon().client({ type: T.QueryOnlines, id: 2, value: { UserList: ['b'] } });
      const twice = body('14000000 02000000 01000000 62 01 01000000 62 00');
      return session.server({ type: T.QueryOnlines, id: 2, body: twice }).close('client');
    },
    intact: () => asked(T.QueryOnlines, true, { UserList: ['b'] }, { Result: new Map([['b', true]]) }),
  },
  'lengths-within-body': {
    broken: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0a000000 03000000 6162') })
        .close('server'),
    intact: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0a000000 02000000 6162') })
        .close(),
  },
  'object-length-true': {
    broken: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0b000000 02000000 6162 00') })
        .close('server'),
    intact: () =>
      logon()
        .client({ type: T.KickOut, id: 2, body: body('0a000000 02000000 6162') })
        .close(),
  },
};
