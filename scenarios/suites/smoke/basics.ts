/** One client and a server: logon, information, query, and a refused logon. */
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

export const basics: readonly AnyScenario[] = [
  scenario({
    id: 'SMK-4W1A',
    title: 'a client logs on and the server knows it',
    clauses: ['LOG-003', 'LOG-009', 'LOG-010'],
    kind: 'example',
    needs: ['logon'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      stage.equal(await alice.connected(), true, 'LOG-009', 'connected is not true after a successful logon');
      const connected = await server.waitFor('someOneConnected', { clause: 'LOG-010' });
      stage.equal(connected.userID, 'alice', 'LOG-010', 'SomeOneConnected names somebody else');
      stage.equal(server.engine.userManager.userCount, 1, 'LOG-020', 'userCount is wrong after one logon');
    },
  }),
  scenario({
    id: 'SMK-8K2B',
    title: 'information reaches the server with type, source and exact bytes',
    clauses: ['CUS-001', 'CUS-002'],
    kind: 'example',
    needs: ['logon', 'send'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const sent = stage.payload(300);
      await alice.send(null, 77, sent);
      const got = await server.waitFor('information', { clause: 'CUS-002' });
      const { source, informationType, info } = got;
      stage.equal(
        { source, informationType },
        { source: 'alice', informationType: 77 },
        'CUS-002',
        'wrong source or type',
      );
      stage.equal(info, sent, 'CUS-002', 'the server got other bytes than were sent');
    },
  }),
  scenario({
    id: 'SMK-2Q7C',
    title: 'a query is answered with the bytes of the handler',
    clauses: ['QRY-001', 'QRY-002'],
    kind: 'example',
    needs: ['logon', 'query'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const asked = stage.payload(40);
      const answer = await alice.query(null, QUERY_RULES.echo, asked);
      stage.equal(answer, asked, 'QRY-002', 'the answer is not what the handler gave');
    },
  }),
  scenario({
    id: 'SMK-5H9D',
    title: 'a refused logon gives Failed and the cause of the server, and leaves nobody online',
    clauses: ['LOG-004', 'LOG-005'],
    kind: 'example',
    needs: ['logon'],
    async run(stage) {
      const server = await stage.server({ verifyUser: () => ({ ok: false, failureCause: 'no such user' }) });
      const alice = await stage.client('alice');
      const outcome = await alice.logon(server, { password: 'wrong' });
      stage.equal(
        outcome,
        { logonResult: 'Failed', failureCause: 'no such user' },
        'LOG-005',
        'wrong answer to a refused logon',
      );
      stage.equal(await alice.connected(), false, 'LOG-009', 'connected is true after a refused logon');
      stage.equal(server.engine.userManager.userCount, 0, 'LOG-004', 'a refused user is online');
    },
  }),
];
