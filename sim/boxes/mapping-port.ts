/**
 * UDP port 5351 of a gateway: NAT-PMP and PCP share it and are told apart by their first byte (RFC 6887 appendix A). It reads,
 * answers, and announces a new epoch or a new external address to everybody in the LAN.
 */
import type { Endpoint, Platform, UdpSocket } from '../../spec/platform.ts';
import { parseAddress } from '../address.ts';
import type { Leases } from './leases.ts';
import { addressAnswer, answerNatPmp } from './nat-pmp.ts';
import { announcement, answerPcp } from './pcp.ts';

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
  const speaksPcp = speaks.includes('pcp');
  const answer = (bytes: Uint8Array, from: Endpoint): Uint8Array | undefined => {
    const client = parseAddress(from.address);
    // Version 0 is NAT-PMP; who speaks one of the two answers the other in its own words.
    const isNatPmp = speaksNatPmp && (bytes[0] === 0 || !speaksPcp);
    return isNatPmp ? answerNatPmp(leases, bytes, client) : answerPcp(leases, bytes, client);
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
    const everybody = { address: ALL_HOSTS, port: CLIENT_PORT };
    if (speaksNatPmp) socket.send(addressAnswer(leases), everybody);
    if (speaksPcp) socket.send(announcement(leases), everybody);
    if (sent + 1 < ANNOUNCEMENTS) platform.setTimer(ANNOUNCE_AGAIN_MICROS * 2 ** sent, () => announce(sent + 1));
  };
  if (lies.neverAnswers !== true) leases.onNews(() => announce(0));
}
