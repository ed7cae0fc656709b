/** Traffic that breaks each rule of `rules/logon.ts`, and traffic that does not. */
import { aSession, logonReply } from '../session.ts';
import { T, beat, info, logon, logonWith, type RuleCases } from './words.ts';

export const logonCases: RuleCases = {
  'logon-first': {
    broken: () => aSession().open().client(beat(1)).close('server'),
    intact: () => logon().close(),
  },
  'nothing-before-the-answer': {
    broken: () => {
      const session = aSession().open().logonRequest().client(beat(2));
      return session.server({ type: T.Logon, id: 1, value: logonReply(0) }).close();
    },
    intact: () => logon().client(beat(2)).close(),
  },
  'logon-user-allowed': {
    broken: () => aSession({ user: '_x' }).logon(1).close('server'),
    intact: () => aSession({ user: 'x_' }).logon(1).close('server'),
    also: ['logon-user-plain'],
  },
  'logon-user-plain': {
    broken: () => aSession({ user: '1#abc001' }).logon().close(),
    intact: () => aSession({ user: 'Abc001' }).logon().close(),
  },
  'nothing-before-succeed': {
    broken: () => {
      const session = aSession().open().logonRequest().server(info(5));
      return session.server({ type: T.Logon, id: 1, value: logonReply(0) }).close();
    },
    intact: () => logon().server(info(5)).close(),
  },
  'logon-result-legal': {
    broken: () => logonWith(4).close('server'),
    intact: () => logonWith(3).close('server'),
  },
  'reserved-user-refused': {
    broken: () => aSession({ user: '_x' }).logon(0).close('server'),
    intact: () => aSession({ user: '_x' }).logon(1).close('server'),
    also: ['logon-user-allowed'],
  },
  'second-logon-refused': {
    broken: () =>
      logon()
        .logonRequest({ id: 2 })
        .server({ type: T.Logon, id: 2, value: logonReply(0) })
        .close(),
    intact: () =>
      logon()
        .logonRequest({ id: 2 })
        .server({ type: T.Logon, id: 2, value: logonReply(2) })
        .close(),
  },
  'no-features-announced': {
    broken: () => {
      const value = { ...(logonReply(0) as object), GroupRelationEnabled: true };
      return aSession().open().logonRequest().server({ type: T.Logon, id: 1, value }).close();
    },
    intact: () => logon().close(),
  },
  'nothing-after-refusal': {
    broken: () => logonWith(1).server(info(5)).close('server'),
    intact: () => logonWith(1).close('server'),
  },
  'client-stops-after-refusal': {
    broken: () => logonWith(1).client(info(2)).close('server'),
    intact: () => logonWith(1).close('server'),
  },
  'server-closes-after-refusal': {
    broken: () => logonWith(1).wait(6).fin('client').fin('server'),
    intact: () => logonWith(1).fin('server').wait(60).fin('client'),
    also: ['client-closes-after-refusal'],
  },
  'client-closes-after-refusal': {
    broken: () => logonWith(1).fin('server').wait(6).client(beat(2)),
    intact: () => logonWith(1).fin('server').fin('client'),
  },
  'nothing-for-strangers': {
    broken: () => aSession().open().client(beat(1)).server(beat(1)).close('server'),
    intact: () => aSession().open().client(beat(1)).close('server'),
    also: ['logon-first'],
  },
  'server-closes-on-strangers': {
    broken: () => aSession().open().client(beat(1)).wait(20).client(beat(2)),
    intact: () => aSession().open().client(beat(1)).fin('server').wait(20).client(beat(2)),
    also: ['logon-first'],
  },
};
