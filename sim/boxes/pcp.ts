/**
 * PCP (RFC 6887), the server's side: ANNOUNCE, MAP with PREFER_FAILURE and FILTER, and PEER. A request of some bytes gives a
 * response of some bytes; no socket here, see `mapping-port.ts`.
 *
 * THIRD_PARTY is refused, as are "all ports" and "all protocols" (with a lifetime of 0 they delete all there is). IPv4 only.
 */
import type { Address } from '../address.ts';
import { PROTOCOL } from '../packet.ts';
import type { Protocol } from '../packet.ts';
import type { LeaseEntry, Leases } from './leases.ts';
import {
  PCP_BYTES_MAX,
  PCP_HEADER_BYTES,
  PCP_OPCODE,
  PCP_RESULT,
  PCP_VERSION,
  pcpClientAddress,
  pcpError,
  pcpGranted,
  pcpHeader,
  pcpSecs,
  readPcpMapping,
} from './pcp-message.ts';
import type { PcpMapping, PcpResult } from './pcp-message.ts';
import { keepPeer } from './peers.ts';

/** Errors that will still be true for a while, and those that may not be (section 7.4). */
const LONG_SECS = 1_800;
const SHORT_SECS = 30;
const SHORT_LIVED: readonly PcpResult[] = [
  PCP_RESULT.networkFailure,
  PCP_RESULT.noResources,
  PCP_RESULT.quotaExceeded,
  PCP_RESULT.cannotProvideExternal,
];

/** What a client at that inner address gets; undefined for silence (section 8.2). */
export function answerPcp(leases: Leases, request: Uint8Array, client: Address): Uint8Array | undefined {
  if (request.length < 2 || request[1]! >= 128) return undefined;
  const fail = (result: PcpResult): Uint8Array => failure(leases, request, result);
  if (request[0] !== PCP_VERSION) return fail(PCP_RESULT.unsupportedVersion);
  const isTorso = request.length < PCP_HEADER_BYTES || request.length > PCP_BYTES_MAX || request.length % 4 !== 0;
  if (isTorso) return fail(PCP_RESULT.malformedRequest);
  const opcode = request[1]!;
  if (opcode > PCP_OPCODE.peer) return fail(PCP_RESULT.unsupportedOpcode);
  if (pcpClientAddress(request) !== client) return fail(PCP_RESULT.addressMismatch);
  if (opcode === PCP_OPCODE.announce) return announcement(leases);
  const wish = readPcpMapping(request);
  if (typeof wish === 'number') return fail(wish);
  const answer = opcode === PCP_OPCODE.map ? answerMap : answerPeer;
  const granted = answer(leases, request, client, wish);
  return typeof granted === 'number' ? fail(granted) : granted;
}

/** The epoch as it stands: the answer to ANNOUNCE, and unasked the news of a new one (section 14.1). */
export function announcement(leases: Leases): Uint8Array {
  return pcpHeader({ opcode: PCP_OPCODE.announce, result: PCP_RESULT.success, secs: 0, epochSecs: leases.epochSecs });
}

function failure(leases: Leases, request: Uint8Array, result: PcpResult): Uint8Array {
  const secs = SHORT_LIVED.includes(result) ? SHORT_SECS : LONG_SECS;
  return pcpError(request, { result, secs, epochSecs: leases.epochSecs });
}

/** Sections 11.3 and 11.5. */
function answerMap(leases: Leases, request: Uint8Array, client: Address, wish: PcpMapping): Uint8Array | PcpResult {
  const wanted = pcpSecs(request);
  if (wanted === 0) return answerDelete(leases, request, client, wish);
  const protocol = translated(wish.protocol);
  if (wish.protocol === 0 && wish.innerPort !== 0) return PCP_RESULT.malformedRequest;
  if (protocol === undefined || wish.innerPort === 0) return PCP_RESULT.unsupportedProtocol;
  const secs = grantedSecs(leases, wanted);
  const lease = leases.grant({
    protocol,
    innerAddress: client,
    innerPort: wish.innerPort,
    externalPort: wish.externalPort,
    exactly: wish.options.preferFailure,
    keyedBy: 'inner',
    secs,
    nonce: hexOf(wish.nonce),
    filters: wish.options.filters,
  });
  if (typeof lease === 'string') return REFUSED[lease];
  return granted(leases, request, { secs, port: lease.externalPort, options: wish.options.obeyed });
}

const REFUSED = {
  taken: PCP_RESULT.cannotProvideExternal,
  full: PCP_RESULT.noResources,
  quota: PCP_RESULT.quotaExceeded,
  nonce: PCP_RESULT.notAuthorized,
} as const;

/** Section 15: with a lifetime of 0 port 0 means all ports, and protocol 0 all protocols. What is not there is deleted. */
function answerDelete(leases: Leases, request: Uint8Array, client: Address, wish: PcpMapping): Uint8Array | PcpResult {
  const isMeant = ({ protocol, innerAddress, innerPort }: LeaseEntry): boolean =>
    innerAddress === client &&
    (wish.protocol === 0 || protocol === wish.protocol) &&
    (wish.innerPort === 0 || innerPort === wish.innerPort);
  const meant = leases.entries().filter(isMeant);
  const own = meant.filter(({ nonce }) => nonce === hexOf(wish.nonce));
  if (meant.length > 0 && own.length === 0) return PCP_RESULT.notAuthorized;
  for (const entry of own) leases.revoke(entry);
  return granted(leases, request, { secs: 0, port: wish.externalPort, options: [] });
}

/** Section 12.3. */
function answerPeer(leases: Leases, request: Uint8Array, client: Address, wish: PcpMapping): Uint8Array | PcpResult {
  const protocol = translated(wish.protocol);
  if (protocol === undefined) return PCP_RESULT.unsupportedProtocol;
  if (wish.innerPort === 0 || wish.remoteAddress === undefined) return PCP_RESULT.malformedRequest;
  // A lifetime of 0 ends nothing here: it leaves the mapping to its ordinary life.
  const secs = pcpSecs(request) === 0 ? 0 : grantedSecs(leases, pcpSecs(request));
  const flow = {
    protocol,
    innerAddress: client,
    innerPort: wish.innerPort,
    remoteAddress: wish.remoteAddress,
    remotePort: wish.remotePort,
  };
  const port = keepPeer(leases.nat, flow, secs);
  return port === undefined ? PCP_RESULT.noResources : granted(leases, request, { secs, port, options: [] });
}

function granted(
  leases: Leases,
  request: Uint8Array,
  { secs, port, options }: { readonly secs: number; readonly port: number; readonly options: readonly Uint8Array[] },
): Uint8Array {
  const head = { result: PCP_RESULT.success, secs, epochSecs: leases.epochSecs };
  return pcpGranted(request, head, { port, address: leases.externalAddress, options });
}

function grantedSecs({ settings: { leaseSecsMin, leaseSecsMax } }: Leases, wanted: number): number {
  return Math.min(Math.max(wanted, leaseSecsMin), leaseSecsMax);
}

function translated(protocol: number): Protocol | undefined {
  return protocol === PROTOCOL.udp || protocol === PROTOCOL.tcp ? protocol : undefined;
}

function hexOf(nonce: Uint8Array): string {
  return Array.from(nonce, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
