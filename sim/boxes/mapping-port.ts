/**
 * UDP port 5351 of a gateway: NAT-PMP and PCP share it and are told apart by their first byte (RFC 6887 appendix A). It reads,
 * answers, and announces a new epoch or a new external address to everybody in the LAN.
 */
import type { Endpoint, Platform, UdpSocket } from '../../spec/platform.ts';
import { parseAddress } from '../address.ts';
import type { Leases } from './leases.ts';
import { addressAnswer, answerNatPmp } from './nat-pmp.ts';

const SERVER_PORT = 5_351;
/** RFC 6886 section 3.2.1: where clients listen, how often it is told, and how soon again, doubling. */
const CLIENT_PORT = 5_350;
const ALL_HOSTS = '224.0.0.1';
const ANNOUNCEMENTS = 10;
const ANNOUNCE_AGAIN_MICROS = 250_000;

/** Serves until the process of the platform ends. */
export function serveMappingPort(platform: Platform, leases: Leases): void {
  const { speaks, lies } = leases.settings;
  const speaksNatPmp = speaks.includes('natPmp');
  const answer = (bytes: Uint8Array, from: Endpoint): Uint8Array | undefined => {
    const client = parseAddress(from.address);
    return speaksNatPmp ? answerNatPmp(leases, bytes, client) : undefined;
  };
  const socket: UdpSocket = platform.bindUdp(
    { port: SERVER_PORT },
    {
      onMessage: (bytes, from) => {
        const response = answer(bytes, from);
        if (response === undefined || lies.neverAnswers === true) return;
        const { answerDelayMicros = 0 } = lies;
        if (answerDelayMicros === 0) socket.send(response, from);
        else platform.setTimer(answerDelayMicros, () => socket.send(response, from));
      },
    },
  );
  const announce = (sent: number): void => {
    if (speaksNatPmp) socket.send(addressAnswer(leases), { address: ALL_HOSTS, port: CLIENT_PORT });
    if (sent + 1 < ANNOUNCEMENTS) platform.setTimer(ANNOUNCE_AGAIN_MICROS * 2 ** sent, () => announce(sent + 1));
  };
  if (lies.neverAnswers !== true) leases.onNews(() => announce(0));
}
