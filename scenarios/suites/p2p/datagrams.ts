/** What the cases of direct links send and read: discovery, invitations, probes. */
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { MESSAGE_BYTES_MAX_DEFAULT, P2P_DISCOVER_PADDING_BYTES } from '../../../spec/limits.ts';
import type { Endpoint } from '../../../spec/platform.ts';
import { FrameDecoder, codecs, decodePunchingDatagram, encodeFrame } from '../../../impl/wire/index.ts';
import type { SeenDatagram } from '../../attach/udp-peer.ts';

/** A DiscoverRequest as bytes. */
export function discoverRequest(userID: string, messageId: number, N = 11): Uint8Array {
  const header = { clientType: 0, messageType: MessageType.GetMyPublicIPE, messageId, sourceId: userID, destId: '' };
  const frame = encodeFrame(header, null, N);
  const bytes = new Uint8Array(1 + frame.length + P2P_DISCOVER_PADDING_BYTES);
  bytes[0] = 1;
  bytes.set(frame, 1);
  return bytes;
}

export type DiscoverAnswer = ContractOf<'PublicIPEResponseContract'> & {
  readonly messageId: number;
  readonly destId: string;
};

/** What a DiscoverResponse says; undefined when the bytes are none. */
export function answerIn(bytes: Uint8Array, N = 11): DiscoverAnswer | undefined {
  if (bytes[0] !== 2) return undefined;
  let answer: DiscoverAnswer | undefined;
  const limits = { userIdBytesMax: N, messageBytesMax: MESSAGE_BYTES_MAX_DEFAULT };
  new FrameDecoder(limits).push(bytes.subarray(1), (frame) => {
    const body = codecs.PublicIPEResponseContract.decode(frame.body());
    if (body.ok) answer = { ...body.value, messageId: frame.messageId, destId: frame.destId() };
  });
  return answer;
}

export type InvitationParts = {
  readonly token: bigint;
  /** 0 invite, 1 answer, 2 refuse. */
  readonly kind?: number;
  readonly hosts?: readonly Endpoint[];
  readonly candidates?: ContractOf<'P2PInvitationContract'>['Candidates'];
  readonly publicIP?: string | null;
};

/** The body of an invitation. */
export function invitation(parts: InvitationParts): Uint8Array {
  const hosts = (parts.hosts ?? []).map(({ address, port }) => ({ IP: address, Kind: 0, Port: port }));
  return codecs.P2PInvitationContract.encode({
    Candidates: parts.candidates ?? hosts,
    Kind: parts.kind ?? 0,
    Mapping: 1,
    PredictedPort: 0,
    PredictedStep: 0,
    PublicIP: parts.publicIP ?? null,
    Token: BigInt.asIntN(64, parts.token),
  });
}

/** The invitation in a body. @throws Error when it is none */
export function readInvitation(body: Uint8Array): ContractOf<'P2PInvitationContract'> {
  const decoded = codecs.P2PInvitationContract.decode(body);
  if (!decoded.ok) throw new Error(`no invitation: ${decoded.error.detail}`);
  return decoded.value;
}

/** Whether a datagram is a probe, or an acknowledgement, with this token. */
export function isOfKind(kind: 'Probe' | 'ProbeAck', token: bigint): (datagram: SeenDatagram) => boolean {
  return ({ bytes }) => {
    const datagram = decodePunchingDatagram(bytes);
    return datagram?.kind === kind && datagram.token === token;
  };
}
