/**
 * NAT-PMP (RFC 6886): a request of some bytes gives a response of some bytes, and mappings in `Leases`. No socket here: see
 * `mapping-port.ts`.
 */
import type { Address } from '../address.ts';
import { PROTOCOL } from '../packet.ts';
import type { Protocol } from '../packet.ts';
import { get16, get32, put16, put32 } from '../big-endian.ts';
import { putAddress } from './bytes.ts';
import type { Leases } from './leases.ts';

/** Section 3.5. */
const RESULT = {
  success: 0,
  unsupportedVersion: 1,
  notAuthorized: 2,
  outOfResources: 4,
  unsupportedOpcode: 5,
} as const;

const OPCODE_ADDRESS = 0;
/** Opcodes of mappings, section 3.3. */
const PROTOCOL_OF: Readonly<Record<number, Protocol>> = { 1: PROTOCOL.udp, 2: PROTOCOL.tcp };
const ANSWER = 128;
const MAP_REQUEST_BYTES = 12;

/** What a client at that inner address gets; undefined for silence, as towards answers of others and torsos. */
export function answerNatPmp(leases: Leases, request: Uint8Array, client: Address): Uint8Array | undefined {
  if (request.length < 2 || request[1]! >= ANSWER) return undefined;
  const opcode = request[1]!;
  if (request[0] !== 0) return head(leases, opcode, RESULT.unsupportedVersion, 8);
  if (opcode === OPCODE_ADDRESS) return addressAnswer(leases);
  const protocol = PROTOCOL_OF[opcode];
  if (protocol === undefined) return head(leases, opcode, RESULT.unsupportedOpcode, 8);
  return request.length < MAP_REQUEST_BYTES ? undefined : answerMap(leases, request, client, protocol);
}

/** The external address: an answer, and unasked the announcement of it (section 3.2). */
export function addressAnswer(leases: Leases): Uint8Array {
  const answer = head(leases, OPCODE_ADDRESS, RESULT.success, 12);
  putAddress(answer, 8, leases.externalAddress);
  return answer;
}

function answerMap(leases: Leases, request: Uint8Array, client: Address, protocol: Protocol): Uint8Array {
  const [innerPort, externalPort, secs] = [get16(request, 4), get16(request, 6), get32(request, 8)];
  if (secs === 0) return answerDelete(leases, request, client, protocol);
  const lease = leases.grant({
    protocol,
    innerAddress: client,
    innerPort,
    externalPort,
    exactly: false,
    keyedBy: 'inner',
    secs: Math.min(secs, leases.settings.leaseSecsMax),
    nonce: '',
  });
  if (lease === 'nonce' || lease === 'taken') return mapAnswer(leases, request, RESULT.notAuthorized, [0, 0]);
  if (typeof lease === 'string') return mapAnswer(leases, request, RESULT.outOfResources, [0, 0]);
  const granted = Math.min(secs, leases.settings.leaseSecsMax);
  return mapAnswer(leases, request, RESULT.success, [lease.externalPort, granted]);
}

/** Section 3.4: deleting what is not there succeeds; inner port 0 is all of that protocol. */
function answerDelete(leases: Leases, request: Uint8Array, client: Address, protocol: Protocol): Uint8Array {
  const innerPort = get16(request, 4);
  let isRefused = false;
  for (const entry of leases.entries()) {
    const isMeant = entry.protocol === protocol && entry.innerAddress === client;
    if (!isMeant || (innerPort !== 0 && entry.innerPort !== innerPort)) continue;
    if (entry.nonce === '') leases.revoke(entry);
    else isRefused = true;
  }
  return mapAnswer(leases, request, isRefused ? RESULT.notAuthorized : RESULT.success, [0, 0]);
}

function mapAnswer(
  leases: Leases,
  request: Uint8Array,
  result: number,
  [externalPort, secs]: readonly [number, number],
): Uint8Array {
  const answer = head(leases, request[1]!, result, 16);
  put16(answer, 8, get16(request, 4));
  put16(answer, 10, externalPort);
  put32(answer, 12, secs);
  return answer;
}

/** Version, opcode, result and epoch: the start of every answer. */
function head(leases: Leases, opcode: number, result: number, sizeBytes: number): Uint8Array {
  const answer = new Uint8Array(sizeBytes);
  answer[1] = ANSWER + opcode;
  put16(answer, 2, result);
  put32(answer, 4, leases.epochSecs);
  return answer;
}
