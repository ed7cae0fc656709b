/**
 * Reliable UDP (chapter 17): a machine without I/O that makes ordered, reliable messages out of datagrams.
 *
 * ```ts
 * const connection = new RudpConnection(nowMicros, { token, identity });
 * connection.start(nowMicros);                      // either side, or both
 * connection.send(message);                         // at any time, also before `connected`
 * connection.handleDatagram(nowMicros, bytes);      // whatever came from the peer's address
 * connection.handleTimer(nowMicros);                // at the time of the last `wait`; early or late is harmless
 * for (let output = connection.poll(nowMicros); output.kind !== 'wait'; output = connection.poll(nowMicros)) { ... }
 * ```
 */
export { RudpConnection } from './connection.ts';
export { isRudpDatagram } from './datagram.ts';
export type { RudpCloseReason, RudpCongestionControl, RudpOptions, RudpOutput, RudpStatistics } from './types.ts';
