/** Who gets a direct link behind which middleboxes: the matrix of chapter 18, cell by cell (P2P-030). */
import { KIND_NAMES, matrixCells } from '../../nat/expected.ts';
import type { MatrixCell, MatrixKind, MatrixTransport } from '../../nat/expected.ts';
import { matrixFigure } from '../../nat/figures.ts';
import type { CellResult } from '../../nat/figures.ts';
import { CELL_DELAY_MILLIS, runCell } from '../../nat/run-cell.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { P2PChannelMode } from '../../../impl/index.ts';
import { controllerOf } from './pairs.ts';

/** Round trips of the slowest leg that half of the direct links may take. */
const ROUND_TRIPS_MAX = 4;

function matrixCase(id: string, transport: MatrixTransport, clauses: readonly string[]): AnyScenario {
  return scenario({
    id,
    title: `all pairs of middleboxes over ${transport.toUpperCase()}, whoever invites: direct or relayed as specified, half of them in 4 round trips`,
    clauses,
    kind: 'matrix',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    timeLimitSecs: 3_000,
    async run(stage) {
      const server = await stage.server();
      stage.net.conditions(server.host, { delayMillis: CELL_DELAY_MILLIS });
      const results: CellResult[] = [];
      for (const cell of matrixCells()) {
        if (cell.transport === transport) results.push({ ...cell, ...(await runCell(stage, server, cell)) });
      }
      stage.figure(matrixFigure(transport, results));
      for (const { a, b, expected, actual, detail } of results) {
        stage.equal(actual, expected, clauses[0]!, `${KIND_NAMES[a]} invites ${KIND_NAMES[b]}: ${detail}`);
      }
      const times = results.filter(({ actual }) => actual === 'direct').map(({ roundTrips }) => roundTrips);
      times.sort((left, right) => left - right);
      const median = times[Math.floor(times.length / 2)]!;
      stage.check(median <= ROUND_TRIPS_MAX, 'P2P-022', `the median is ${median} round trips`);
    },
  });
}

/** A cell with whole engines: a channel, or word that there is none, and a message that arrives either way. */
async function engineCell(stage: Stage, server: ServerSubject, cell: MatrixCell, index: number): Promise<void> {
  const clientBehind = async (userID: string, nat: MatrixKind): Promise<ClientSubject> => {
    const client = await stage.loggedOn(server, userID, { network: { nat } });
    controllerOf(client).p2pChannelMode = cell.transport === 'udp' ? P2PChannelMode.Udp : P2PChannelMode.Tcp;
    return client;
  };
  const [a, b] = [await clientBehind(`a${index}`, cell.a), await clientBehind(`b${index}`, cell.b)];
  let hasFailed = false;
  controllerOf(a).p2pConnectFailed.add(() => (hasFailed = true));
  controllerOf(a).p2pConnectAsyn(b.userID);
  const hasChannel = (): boolean => controllerOf(a).isP2PChannelExist(b.userID);
  await stage.until(() => hasFailed || hasChannel(), 60, 'neither a channel nor a failure', 'P2P-023');
  const pair = `${KIND_NAMES[cell.a]} invites ${KIND_NAMES[cell.b]} over ${cell.transport}`;
  stage.equal(hasChannel() ? 'direct' : 'relay', cell.expected, 'P2P-030', pair);
  await a.sendCertainly(b.userID, 1, stage.payload());
  await a.close();
  await b.close();
}

export const matrix: readonly AnyScenario[] = [
  matrixCase('P2P-4UDP', 'udp', ['P2P-030', 'P2P-017', 'P2P-019', 'P2P-021', 'P2P-022']),
  scenario({
    id: 'P2P-4ENG',
    title:
      'all pairs of middleboxes with whole engines, over UDP and over TCP: a channel or none as specified, and a message arrives',
    clauses: ['P2P-030'],
    kind: 'matrix',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    timeLimitSecs: 3_000,
    async run(stage) {
      const server = await stage.server();
      for (const [index, cell] of matrixCells().entries()) await engineCell(stage, server, cell, index);
    },
  }),
  matrixCase('P2P-4TCP', 'tcp', ['P2P-030', 'P2P-024', 'P2P-026', 'P2P-021', 'P2P-022']),
];
