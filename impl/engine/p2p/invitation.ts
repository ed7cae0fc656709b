/** Invitations on the wire <-> what hole punching knows about a side (P2P-011, P2P-012, P2P-016). Pure. */
import { NatMapping, P2PCandidateKind } from '../../../spec/errors.ts';
import type { P2PInvitationKind } from '../../../spec/errors.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { P2P_CANDIDATES_MAX } from '../../../spec/limits.ts';
import type { Candidate, NatMappingKind, Side } from '../../core/punching/index.ts';
import { parseIpv4 } from '../../wire/index.ts';

type Kind = (typeof P2PInvitationKind)[keyof typeof P2PInvitationKind];

const MAPPING_NUMBERS: Readonly<Record<NatMappingKind, number>> = {
  unknown: NatMapping.Unknown,
  independent: NatMapping.Independent,
  sequential: NatMapping.Sequential,
  random: NatMapping.Random,
};

/** What is sent; a refusal carries nothing but its token. */
export function toInvitation(kind: Kind, token: bigint, side: Side | null): ContractOf<'P2PInvitationContract'> {
  return {
    Candidates: side === null ? [] : side.candidates.slice(0, P2P_CANDIDATES_MAX).map(toCandidate),
    Kind: kind,
    Mapping: MAPPING_NUMBERS[side?.mapping ?? 'unknown'],
    PredictedPort: side?.predictedPort ?? 0,
    PredictedStep: side?.predictedStep ?? 0,
    PublicIP: side?.publicAddress ?? null,
    // On the wire the 64 bits are a signed number.
    Token: BigInt.asIntN(64, token),
  };
}

/** The token as 0 to 2^64 - 1. */
export function tokenOf(value: number | bigint): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

/** What the peer says about itself; what is no endpoint is left out. */
export function toSide(invitation: ContractOf<'P2PInvitationContract'>): Side {
  const { Mapping, PredictedPort, PredictedStep, PublicIP } = invitation;
  const found = Object.entries(MAPPING_NUMBERS).find(([, number]) => number === Mapping);
  return {
    candidates: (invitation.Candidates ?? []).slice(0, P2P_CANDIDATES_MAX).flatMap(fromCandidate),
    publicAddress: PublicIP !== null && parseIpv4(PublicIP) !== undefined ? PublicIP : null,
    mapping: (found?.[0] ?? 'unknown') as NatMappingKind,
    predictedPort: isPort(PredictedPort) ? PredictedPort : 0,
    predictedStep: PredictedStep,
  };
}

function toCandidate({ kind, endpoint }: Candidate): ContractOf<'P2PCandidateContract'> {
  const Kind = kind === 'host' ? P2PCandidateKind.Host : P2PCandidateKind.ServerReflexive;
  return { IP: endpoint.address, Kind, Port: endpoint.port };
}

function fromCandidate(candidate: ContractOf<'P2PCandidateContract'> | null): Candidate[] {
  if (candidate?.IP === undefined || candidate.IP === null || !isPort(candidate.Port)) return [];
  if (parseIpv4(candidate.IP) === undefined) return [];
  const endpoint = { address: candidate.IP, port: candidate.Port };
  if (candidate.Kind === P2PCandidateKind.Host) return [{ kind: 'host', endpoint }];
  return candidate.Kind === P2PCandidateKind.ServerReflexive ? [{ kind: 'serverReflexive', endpoint }] : [];
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
