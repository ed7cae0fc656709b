/** The models that come with it, by name. */
import type { Explorable } from '../explore.ts';
import { ack, query, relogon, relogonIgnored, rudp, takeover } from './engine.ts';
import { CLASSIC_KINDS, punching } from './punching.ts';
import { tcpClose, tcpData, tcpOpen, tcpReopen } from './tcp.ts';

const PUNCHING = CLASSIC_KINDS.flatMap((a) => CLASSIC_KINDS.map((b) => punching(a, b)));

/** All of them, in the order in which they are listed. */
export const MODELS: ReadonlyMap<string, Explorable> = new Map(
  [tcpOpen, tcpClose, tcpReopen, tcpData, query, ack, relogon, relogonIgnored, takeover, rudp, ...PUNCHING].map(
    (model) => [model.name, model],
  ),
);
