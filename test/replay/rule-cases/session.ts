/** Traffic that breaks each rule of `rules/session.ts`, and traffic that does not. */
import { NONE, T, beat, info, logon, patched, replaced, type RuleCases } from './words.ts';

export const sessionCases: RuleCases = {
  'nothing-after-pushed-out': {
    broken: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).server(info(6)).close('server'),
    intact: () => logon().server(info(5)).server({ type: T.BeingPushedOutNotify, id: 6 }).close('server'),
  },
  'client-silent-after-pushed-out': {
    broken: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).fin('server').wait(6).client(info(2)),
    intact: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).client(info(2)).close('server'),
  },
  'server-closes-after-pushed-out': {
    broken: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).wait(6).close('client'),
    intact: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).close('server'),
  },
  'client-closes-after-pushed-out': {
    broken: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).fin('server').wait(6).fin('client'),
    intact: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).fin('server').wait(4).fin('client'),
  },
  'nothing-after-kicked-out': {
    broken: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).server(info(6)).close('server'),
    intact: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).close('server'),
  },
  'client-silent-after-kicked-out': {
    broken: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).fin('server').wait(6).client(info(2)),
    intact: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).client(info(2)).close('server'),
  },
  'server-closes-after-kicked-out': {
    broken: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).wait(6).close('client'),
    intact: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).close('server'),
  },
  'client-closes-after-kicked-out': {
    broken: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).fin('server').wait(6).fin('client'),
    intact: () => logon().server({ type: T.BeingKickedOutNotify, id: 5 }).close('server'),
  },
  'closes-on-invalid-client': {
    broken: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 0: 1 }))
        .wait(9)
        .server(info(5)),
    intact: () =>
      logon()
        .clientBytes(patched(beat(2), false, { 0: 1 }))
        .fin('server')
        .wait(9)
        .fin('client'),
    also: ['start-token'],
  },
  'closes-on-invalid-server': {
    broken: () =>
      logon()
        .serverBytes(patched(info(5), true, { 0: 1 }))
        .wait(9)
        .client(beat(2)),
    intact: () =>
      logon()
        .serverBytes(patched(info(5), true, { 0: 1 }))
        .fin('client')
        .wait(9)
        .fin('server'),
    also: ['start-token'],
  },
  'notices-from-server-only': {
    broken: () => logon().server({ type: T.BeingPushedOutNotify, id: 5, source: 'bob' }).close(),
    intact: () => logon().server({ type: T.BeingPushedOutNotify, id: 5 }).close('server'),
  },
  'server-closes-on-wrong-source': {
    broken: () =>
      logon()
        .client(info(2, { source: 'bob' }))
        .wait(9)
        .client(beat(3)),
    intact: () =>
      logon()
        .client(info(2, { source: 'bob' }))
        .fin('server')
        .wait(9)
        .fin('client'),
    also: ['client-source-is-user'],
  },
  'one-connection-per-user': {
    broken: () => {
      const old = replaced(() => undefined);
      return old.wait(9).segment('client', 16, NONE, old.sequence.client);
    },
    intact: () => {
      const old = replaced((session) => session.close('server'));
      return old.wait(9).segment('client', 16, NONE, old.sequence.client);
    },
  },
  'new-connection-only': {
    broken: () =>
      replaced(() => undefined)
        .server(info(6))
        .close('server'),
    intact: () => replaced(() => undefined).close('server'),
  },
  'heartbeat-to-server': {
    broken: () =>
      logon()
        .client(beat(2, { dest: 'bob' }))
        .close(),
    intact: () =>
      logon()
        .client(beat(2, { dest: '_0' }))
        .close(),
  },
  'heartbeat-in-time': {
    broken: () => ({ session: logon().wait(20).client(beat(2)).close(), options: { heartbeatSpanSecs: 10 } }),
    intact: () => ({ session: logon().wait(10).client(beat(2)).close(), options: { heartbeatSpanSecs: 10 } }),
  },
  'heartbeat-goes-on': {
    broken: () => ({ session: logon().client(beat(2)).wait(20).server(info(5)), options: { heartbeatSpanSecs: 10 } }),
    intact: () => ({ session: logon().client(beat(2)).wait(9).server(info(5)), options: { heartbeatSpanSecs: 10 } }),
  },
};
