/**
 * The bytes of PCP, version 2 (RFC 6887 sections 7, 11, 12 and 13): requests read, responses written. It grants nothing: see
 * `pcp.ts`.
 */
import { parseAddress } from '../address.ts';
import type { Address } from '../address.ts';
import type { LeaseFilter } from '../nat/explicit.ts';
import { get16, get32, put16, put32 } from '../big-endian.ts';
import { getDotted, putAddress } from './bytes.ts';

/** Section 7.4. */
export const PCP_RESULT = {
  success: 0,
  unsupportedVersion: 1,
  notAuthorized: 2,
  malformedRequest: 3,
  unsupportedOpcode: 4,
  unsupportedOption: 5,
  malformedOption: 6,
  networkFailure: 7,
  noResources: 8,
  unsupportedProtocol: 9,
  quotaExceeded: 10,
  cannotProvideExternal: 11,
  addressMismatch: 12,
} as const;
export type PcpResult = (typeof PCP_RESULT)[keyof typeof PCP_RESULT];

/** Section 19.2. */
export const PCP_OPCODE = { announce: 0, map: 1, peer: 2 } as const;

export const PCP_VERSION = 2;
export const PCP_BYTES_MAX = 1_100;
export const PCP_HEADER_BYTES = 24;
const ANSWER = 128;
const MAP_BYTES = 36;
const PEER_BYTES = 56;
/** Options from here on may be passed over when they are not known (section 7.3). */
const OPTION_OPTIONAL_FROM = 128;
const OPTION = { thirdParty: 1, preferFailure: 2, filter: 3 } as const;
const FILTER_BYTES = 20;
/** An IPv4 address as one of 128 bits begins so (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

export type PcpOptions = {
  readonly preferFailure: boolean;
  readonly filters: readonly LeaseFilter[];
  /** Codes that were obeyed, with their bytes, to be repeated in the answer. */
  readonly obeyed: readonly Uint8Array[];
};

/** The part that MAP and PEER have in common; the last two are of PEER alone. */
export type PcpMapping = {
  readonly nonce: Uint8Array;
  /** The number of IP; 0 for all. */
  readonly protocol: number;
  readonly innerPort: number;
  /** 0 for any. */
  readonly externalPort: number;
  readonly remotePort: number;
  readonly remoteAddress: Address | undefined;
  readonly options: PcpOptions;
};

/** The mapping a request of that opcode asks for, or what is wrong with it. */
export function readPcpMapping(request: Uint8Array): PcpMapping | PcpResult {
  const isPeer = request[1] === PCP_OPCODE.peer;
  const end = PCP_HEADER_BYTES + (isPeer ? PEER_BYTES : MAP_BYTES);
  if (request.length < end) return PCP_RESULT.malformedRequest;
  const at = PCP_HEADER_BYTES;
  const options = readOptions(request, end, isPeer);
  if (typeof options === 'number') return options;
  const remoteAddress = isPeer ? getMapped(request, at + 40) : undefined;
  const remotePort = isPeer ? get16(request, at + 36) : 0;
  // A peer of another family is one of a NAT64, which this is not.
  if (isPeer && (remoteAddress === undefined || remotePort === 0)) return PCP_RESULT.malformedRequest;
  return {
    nonce: request.slice(at, at + 12),
    protocol: request[at + 12]!,
    innerPort: get16(request, at + 16),
    externalPort: get16(request, at + 18),
    remotePort,
    remoteAddress,
    options,
  };
}

function readOptions(request: Uint8Array, start: number, isPeer: boolean): PcpOptions | PcpResult {
  let preferFailure = false;
  let filters: LeaseFilter[] = [];
  const obeyed: Uint8Array[] = [];
  for (let at = start; at < request.length;) {
    if (at + 4 > request.length) return PCP_RESULT.malformedOption;
    const [code, sizeBytes] = [request[at]!, get16(request, at + 2)];
    const next = at + 4 + 4 * Math.ceil(sizeBytes / 4);
    if (next > request.length) return PCP_RESULT.malformedOption;
    const body = request.subarray(at + 4, at + 4 + sizeBytes);
    if (code === OPTION.preferFailure && !isPeer) {
      if (sizeBytes !== 0 || preferFailure) return PCP_RESULT.malformedOption;
      preferFailure = true;
      obeyed.push(request.slice(at, next));
    } else if (code === OPTION.filter && !isPeer) {
      const filter = readFilter(body);
      if (filter === undefined) return PCP_RESULT.malformedOption;
      // A prefix of length 0 takes all filters away (section 13.3).
      filters = filter === 'none' ? [] : [...filters, filter];
      obeyed.push(request.slice(at, next));
    } else if (code === OPTION.thirdParty) {
      // Nobody may speak for another host here (section 13.1).
      return PCP_RESULT.unsupportedOption;
    } else if (code < OPTION_OPTIONAL_FROM) {
      return PCP_RESULT.unsupportedOption;
    }
    at = next;
  }
  return { preferFailure, filters, obeyed };
}

/** The length counts the 96 bits before an IPv4 address, too. */
function readFilter(body: Uint8Array): LeaseFilter | 'none' | undefined {
  if (body.length !== FILTER_BYTES) return undefined;
  const length = body[1]!;
  if (length === 0) return 'none';
  const address = getMapped(body, 4);
  if (address === undefined || length < 96 || length > 128) return undefined;
  return { address, prefixLength: length - 96, port: get16(body, 2) };
}

/** The address the client says it has, or undefined when it is not of IPv4. */
export function pcpClientAddress(request: Uint8Array): Address | undefined {
  return getMapped(request, 8);
}

/** What is asked for, in seconds. */
export function pcpSecs(request: Uint8Array): number {
  return get32(request, 4);
}

export type PcpHead = {
  readonly opcode: number;
  readonly result: PcpResult;
  readonly secs: number;
  readonly epochSecs: number;
};

/** An error: the request as far as it goes, with the header of an answer (section 7.2). */
export function pcpError(request: Uint8Array, head: Omit<PcpHead, 'opcode'>): Uint8Array {
  const sizeBytes = Math.max(PCP_HEADER_BYTES, 4 * Math.ceil(Math.min(request.length, PCP_BYTES_MAX) / 4));
  const answer = new Uint8Array(sizeBytes);
  answer.set(request.subarray(0, Math.min(request.length, PCP_BYTES_MAX)));
  writeHead(answer, { ...head, opcode: request[1]! & 127 });
  return answer;
}

/** A bare header: answers to ANNOUNCE, and announcements. */
export function pcpHeader(head: PcpHead): Uint8Array {
  const answer = new Uint8Array(PCP_HEADER_BYTES);
  writeHead(answer, head);
  return answer;
}

/** A granted MAP or PEER: the request with what was assigned, and the options that were obeyed. */
export function pcpGranted(
  request: Uint8Array,
  head: Omit<PcpHead, 'opcode'>,
  assigned: { readonly port: number; readonly address: Address; readonly options: readonly Uint8Array[] },
): Uint8Array {
  const end = PCP_HEADER_BYTES + (request[1] === PCP_OPCODE.peer ? PEER_BYTES : MAP_BYTES);
  const answer = new Uint8Array(end + assigned.options.reduce((sum, { length }) => sum + length, 0));
  answer.set(request.subarray(0, end));
  writeHead(answer, { ...head, opcode: request[1]! });
  put16(answer, PCP_HEADER_BYTES + 18, assigned.port);
  putMapped(answer, PCP_HEADER_BYTES + 20, assigned.address);
  let at = end;
  for (const option of assigned.options) {
    answer.set(option, at);
    at += option.length;
  }
  return answer;
}

function writeHead(answer: Uint8Array, { opcode, result, secs, epochSecs }: PcpHead): void {
  answer.fill(0, 0, PCP_HEADER_BYTES);
  answer[0] = PCP_VERSION;
  answer[1] = ANSWER + opcode;
  answer[3] = result;
  put32(answer, 4, secs);
  put32(answer, 8, epochSecs);
}

function getMapped(bytes: Uint8Array, at: number): Address | undefined {
  return MAPPED_PREFIX.every((byte, index) => bytes[at + index] === byte)
    ? parseAddress(getDotted(bytes, at + 12))
    : undefined;
}

function putMapped(bytes: Uint8Array, at: number, address: Address): void {
  bytes.set(MAPPED_PREFIX, at);
  putAddress(bytes, at + 12, address);
}
