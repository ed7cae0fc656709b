/**
 * The limits of the simulated host protocol, in one place (spec/adapter/simulated-host.md, HOST-02 to HOST-07 and section 4).
 * Numbers only.
 */

/** The longest line, its line feed included. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Lines and bytes that one event may be answered with. */
export const ANSWER_LINES_MAX = 10_000;
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Events that a host may be sent without time moving. */
export const EVENTS_AT_ONCE_MAX = 2_000;
export const CONNECTIONS_MAX = 1_000;
export const SOCKETS_MAX = 100;
export const TIMERS_MAX = 1_000;
/** Bytes of one connection that wait for the transport. */
export const QUEUED_BYTES_MAX = 64 * 1024 * 1024;
export const DATAGRAM_BYTES_MAX = 65_507;
export const LOG_CHARS_MAX = 4_096;
/** Real seconds in which an event is answered, before `--timeout-factor`; the first one waits for the start. */
export const ANSWER_SECS = 10;
/** Scenario seconds that stand for one second of the budgets of chapter 20, which are real ones. */
export const SCENARIO_SECS_PER_BUDGET_SEC = 20;
