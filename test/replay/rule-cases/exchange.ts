/** Traffic that breaks each rule of `rules/exchange.ts`, and traffic that does not. */
import {
  T,
  ack,
  asked,
  beat,
  info,
  logon,
  needAck,
  ping,
  pingAck,
  request,
  response,
  userIpe,
  type RuleCases,
} from './words.ts';

export const exchangeCases: RuleCases = {
  'answer-type-of-PingByServer': {
    broken: () => logon().client(ping(2, 5)).server(ack(2)).close(),
    intact: () => logon().client(ping(2, 5)).server(pingAck(2, 5)).close(),
  },
  'answer-source-of-PingByServer': {
    broken: () =>
      logon()
        .client(ping(2, 5, { dest: 'bob' }))
        .server(pingAck(2, 5, { source: 'carl' }))
        .close(),
    intact: () =>
      logon()
        .client(ping(2, 5, { dest: 'bob' }))
        .server(pingAck(2, 5, { source: 'bob' }))
        .close(),
  },
  'answer-type-of-Request': {
    broken: () => logon().server(request(5)).client(ack(5)).close(),
    intact: () => logon().server(request(5)).client(response(5)).close(),
  },
  'answer-source-of-Request': {
    broken: () =>
      logon()
        .client(request(2))
        .server(response(2, { source: 'bob' }))
        .close(),
    intact: () =>
      logon()
        .client(request(2, { dest: '_0' }))
        .server(response(2))
        .close(),
  },
  'answer-type-of-InformationNeedAck': {
    broken: () => logon().server(needAck(5)).client(response(5)).close(),
    intact: () =>
      logon()
        .server(needAck(5))
        .client(ack(5, { dest: '_0' }))
        .close(),
  },
  'answer-source-of-InformationNeedAck': {
    broken: () =>
      logon()
        .client(needAck(2, { dest: 'bob' }))
        .server(ack(2))
        .close(),
    intact: () =>
      logon()
        .client(needAck(2, { dest: 'bob' }))
        .server(ack(2, { source: 'bob' }))
        .close(),
  },
  'server-answers-GetMyIPE': {
    broken: () => asked(T.GetMyIPE, false, undefined, userIpe),
    intact: () => asked(T.GetMyIPE, true, undefined, userIpe),
  },
  'server-answers-GetUserIPE': {
    broken: () => asked(T.GetUserIPE, false, { UserID: 'bob' }, undefined),
    intact: () => asked(T.GetUserIPE, true, { UserID: 'bob' }, undefined),
  },
  'server-answers-QueryOnline': {
    broken: () => asked(T.QueryOnline, false, { UserID: 'bob' }, { Online: true }),
    intact: () => asked(T.QueryOnline, true, { UserID: 'bob' }, { Online: true }),
  },
  'server-answers-QueryOnlines': {
    broken: () => asked(T.QueryOnlines, false, { UserList: [] }, { Result: new Map() }),
    intact: () => asked(T.QueryOnlines, true, { UserList: [] }, { Result: new Map() }),
  },
  'server-answers-GetAllOnlineUsers': {
    broken: () => asked(T.GetAllOnlineUsers, false, undefined, { UserList: ['alice'] }),
    intact: () => asked(T.GetAllOnlineUsers, true, undefined, { UserList: ['alice'] }),
  },
  'client-acknowledges': {
    broken: () => logon().server(needAck(5)).wait(6).client(beat(2)),
    intact: () => logon().server(needAck(5)).client(ack(5)).wait(6).client(beat(2)),
  },
  'client-answers-ping': {
    broken: () =>
      logon()
        .server(ping(5, 1, { source: 'bob' }))
        .wait(31)
        .close(),
    intact: () =>
      logon()
        .server(ping(5, 1, { source: 'bob' }))
        .client(pingAck(5, 1, { dest: 'bob' }))
        .wait(31)
        .close(),
  },
  'server-acknowledges': {
    broken: () => logon().client(needAck(2)).wait(31).close(),
    intact: () =>
      logon()
        .client(needAck(2, { dest: 'bob' }))
        .wait(31)
        .close(),
  },
  'server-answers-ping': {
    broken: () => logon().client(ping(2, 1)).wait(6).server(info(5)),
    intact: () => logon().client(ping(2, 1)).server(pingAck(2, 1)).wait(6).server(info(5)),
  },
  'ping-answered-unchanged': {
    broken: () => logon().client(ping(2, 5)).server(pingAck(2, 6)).close(),
    intact: () => logon().client(ping(2, 5)).server(pingAck(2, 5)).close(),
  },
  'response-has-information-type': {
    broken: () =>
      logon()
        .server(request(5))
        .client(response(5, { value: { Content: null, InformationType: 8 } }))
        .close(),
    intact: () => logon().server(request(5)).client({ type: T.Response, id: 5 }).close(),
  },
  'online-answer-complete': {
    broken: () => asked(T.QueryOnlines, true, { UserList: ['b', 'c'] }, { Result: new Map([['b', true]]) }),
    intact: () => asked(T.QueryOnlines, true, { UserList: ['b', 'b'] }, { Result: new Map([['b', true]]) }),
  },
  'asker-is-online': {
    broken: () => asked(T.GetAllOnlineUsers, true, undefined, { UserList: ['bob'] }),
    intact: () => asked(T.GetAllOnlineUsers, true, undefined, { UserList: ['bob', 'alice'] }),
  },
};
