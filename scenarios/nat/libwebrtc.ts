/**
 * The 10 x 10 matrix of libwebrtc (`kMatrix` in p2p/base/p2p_transport_channel_unittest.cc): its 56 tested cells as published
 * there, and the 44 it leaves empty, each from runs of plain ICE-like agents: UDP first, then TCP, then a relay on port 443.
 *
 * Published are the candidate types of both ends. For direct cells over UDP they are compared; for cells over TCP only that it
 * is direct (its agents do not open simultaneously), for relayed cells only that it is relayed. What is expected of the
 * empty cells is no publication but follows from the rules of the TCP matrix (chapter 18): a firewall that keeps state acts as
 * a port-restricted NAT does, ports are not guessed, and who may only dial web ports is relayed.
 */
import { natBehaviour } from '../../sim/index.ts';
import type { Place } from './place.ts';
import { punchTcp } from './punch-tcp.ts';
import { punchUdp } from './punch-udp.ts';
import type { CandidateType } from './punch-udp.ts';
import { relayTcp } from './relay-tcp.ts';

const CONE = natBehaviour('fullCone');
const SYMMETRIC = natBehaviour('symmetric');

/** Rows are the end that is named first ("originator"). */
export const LIBWEBRTC_PLACES: readonly { readonly name: string; readonly place: Place }[] = [
  { name: 'open', place: { nats: [] } },
  { name: 'full cone', place: { nats: [CONE] } },
  { name: 'address restricted', place: { nats: [natBehaviour('restrictedCone')] } },
  { name: 'port restricted', place: { nats: [natBehaviour('portRestricted')] } },
  { name: 'symmetric', place: { nats: [SYMMETRIC] } },
  { name: 'cone behind cone', place: { nats: [CONE, CONE] } },
  { name: 'cone behind symmetric', place: { nats: [SYMMETRIC, CONE] } },
  { name: 'no UDP', place: { nats: [], firewall: 'noUdp' } },
  { name: 'no UDP, no TCP in', place: { nats: [], firewall: 'noUdpNoTcpIn' } },
  { name: 'web only', place: { nats: [], firewall: 'webOnly' } },
];

/**
 * As published: for each end L local, S server-reflexive, P peer-reflexive, R relayed; then U UDP or T TCP. Two dots: not
 * tested there. LU SU means that the originator's best candidate was local and the other's server-reflexive.
 */
const PUBLISHED: readonly string[] = [
  'LL LS LS LS LP LS LP tt tt ..',
  'SL SS SS SS SP SS SP .. .. ..',
  'SL SS SS SS SP SS SP .. .. ..',
  'SL SS SS SS RP SS RP .. .. ..',
  'PL PS PS PR PR PS PR .. .. ..',
  'SL SS SS SS SP SS SP .. .. ..',
  'PL PS PS PR PR PS PR .. .. ..',
  'tt .. .. .. .. .. .. tt tt ..',
  'tt .. .. .. .. .. .. tt .. ..',
  '.. .. .. .. .. .. .. .. .. ..',
];

/** D direct over TCP, R relayed; what is expected of the empty cells, rows and columns as above. */
const FILLED: readonly string[] = [
  '         R',
  '       DDR',
  '       DDR',
  '       DDR',
  '       DRR',
  '       DDR',
  '       DRR',
  ' DDDDDD  R',
  ' DDDRDR DR',
  'RRRRRRRRRR',
];

/** The word for a cell: `LS` and the like for direct over UDP, `tcp`, `relay`, or `none`. */
export type LibwebrtcCell = {
  readonly row: number;
  readonly column: number;
  readonly isPublished: boolean;
  readonly expected: string;
  readonly actual: string;
};

const LETTER: Readonly<Record<CandidateType, string>> = { local: 'L', reflexive: 'S', peerReflexive: 'P' };

/** Runs all 100 cells. */
export function runLibwebrtc(seed: number): LibwebrtcCell[] {
  return LIBWEBRTC_PLACES.flatMap((a, row) =>
    LIBWEBRTC_PLACES.map((b, column) => ({
      row,
      column,
      ...expectedCell(row, column),
      actual: runCell(a.place, b.place, seed),
    })),
  );
}

function expectedCell(row: number, column: number): { readonly isPublished: boolean; readonly expected: string } {
  const published = PUBLISHED[row]!.split(' ')[column]!;
  if (published === '..') {
    return { isPublished: false, expected: FILLED[row]![column] === 'D' ? 'tcp' : 'relay' };
  }
  if (published === 'tt') return { isPublished: true, expected: 'tcp' };
  return { isPublished: true, expected: published.includes('R') ? 'relay' : published };
}

function runCell(a: Place, b: Place, seed: number): string {
  const udp = punchUdp(a, b, { seed });
  if (udp.types !== undefined) return udp.types.map((type) => LETTER[type]).join('');
  if (bothMayTcp(a, b) && punchTcp(a, b, seed)) return 'tcp';
  return relayTcp(a, b, seed) ? 'relay' : 'none';
}

/** Its agents speak TCP only where UDP is blocked at one end; so its matrix says relay for the others. */
function bothMayTcp(a: Place, b: Place): boolean {
  return a.firewall !== undefined || b.firewall !== undefined;
}
