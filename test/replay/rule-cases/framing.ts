/** Traffic that breaks each rule of `rules/framing.ts`, and traffic that does not. */
import { aSession } from '../session.ts';
import { T, ack, beat, body, info, logon, needAck, patched, request, twoUsers, type RuleCases } from './words.ts';

export const framingCases: RuleCases = {
  'id-padding-zero': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 23: 1 }))
        .close(),
    intact: () => logon().client(beat(2)).close(),
  },
  'server-client-type': {
    broken: () =>
      logon()
        .client(beat(2))
        .server(beat(2, { clientType: 0 }))
        .close(),
    intact: () => logon().client(beat(2)).server(beat(2)).close(),
  },
  'request-id-unique': {
    broken: () =>
      logon()
        .client(request(2, { dest: 'bob' }))
        .client(request(2, { dest: 'carl' }))
        .close(),
    intact: () =>
      logon()
        .client(request(2, { dest: 'bob' }))
        .wait(31)
        .client(request(2, { dest: 'carl' }))
        .close(),
    also: ['messages-numbered'],
  },
  'reply-has-request-id': {
    broken: () => logon().server(needAck(9)).client(ack(10)).close(),
    intact: () => logon().server(needAck(9)).client(ack(9)).close(),
  },
  'client-source-is-user': {
    broken: () =>
      logon()
        .client(info(2, { source: 'bob' }))
        .close('server'),
    intact: () => logon().client(info(2)).close(),
  },
  'server-source-is-server': {
    broken: () =>
      logon()
        .server(info(5, { source: '_1' }))
        .close(),
    intact: () => logon().server(info(5)).close(),
  },
  'empty-server-name-only-for-one': {
    broken: () =>
      logon()
        .server(info(5, { source: '' }))
        .close(),
    intact: () => aSession({ userIdBytesMax: 1, user: 'a' }).logon().close(),
  },
  'server-names-receiver': {
    broken: () =>
      logon()
        .server(info(5, { dest: 'bob' }))
        .close(),
    intact: () => logon().server(info(5)).close(),
  },
  'target-may-be-a-user': {
    broken: () =>
      logon()
        .client(info(2, { dest: '_9' }))
        .close(),
    intact: () =>
      logon()
        .client(info(2, { dest: '_0' }))
        .close(),
  },
  'no-body-where-none-belongs': {
    broken: () =>
      logon()
        .client(beat(2, { body: body('00') }))
        .close(),
    intact: () => logon().client(beat(2)).close(),
  },
  'no-reserved-type': {
    broken: () => logon().client({ type: T.GetClientTimeRequest, id: 2 }).close(),
    intact: () => logon().client({ type: 777, id: 2 }).close(),
  },
  'only-forwardable-types-forwarded': {
    broken: () =>
      logon()
        .server({ type: T.KickOut, id: 2, source: 'bob', value: { UserBeKickedOut: 'alice' } })
        .close(),
    intact: () =>
      logon()
        .server(info(2, { source: 'bob' }))
        .close(),
  },
  'forwarded-unchanged': {
    broken: () => {
      const { alice, bob } = twoUsers();
      alice.client(info(2, { dest: 'bob' }));
      return bob.server(info(2, { source: 'alice', value: { Content: Buffer.from('ho'), InformationType: 7 } }));
    },
    intact: () => {
      const { alice, bob } = twoUsers();
      alice.client(info(2, { dest: 'bob' }));
      return bob.server(info(2, { source: 'alice' }));
    },
  },
  'forwarded-to-its-target': {
    broken: () =>
      logon()
        .server(info(2, { source: 'carl', dest: 'bob' }))
        .close(),
    intact: () =>
      logon()
        .server(info(2, { source: 'carl', dest: 'alice' }))
        .close(),
  },
  'nothing-passed-over': {
    broken: () => {
      const { alice, bob } = twoUsers();
      alice.client(info(2, { dest: 'bob' })).client(info(3, { dest: 'bob' }));
      return bob.server(info(3, { source: 'alice' }));
    },
    intact: () => {
      const { alice, bob } = twoUsers();
      alice.client(info(2, { dest: 'bob' })).client(info(3, { dest: 'bob' }));
      return bob.server(info(2, { source: 'alice' })).server(info(3, { source: 'alice' }));
    },
  },
  'messages-numbered': {
    broken: () => logon().client(info(7)).close(),
    intact: () => logon().client(info(2)).server(needAck(9)).client(ack(9)).client(info(3)).close(),
  },
};
