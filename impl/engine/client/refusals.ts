/** What the client refuses: server addresses that are none, and calls after close. */
import type { Endpoint } from '../../../spec/platform.ts';
import { describeValue, LocalProtocolError } from '../../wire/index.ts';
import { checkInteger } from '../arguments.ts';

/** @throws LocalProtocolError `E_ARGUMENT` (LOG-007) */
export function checkServer(server: Endpoint): void {
  checkInteger('the server port', 'LOG-007', server.port, 1, 65_535);
  if (typeof server.address === 'string' && server.address !== '') return;
  const text = `the server address must be an IP address, got ${describeValue(server.address)}`;
  throw new LocalProtocolError('E_ARGUMENT', 'LOG-007', text);
}

/** CUS-011. */
export function closedError(): LocalProtocolError {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the engine is closed; make a new one');
}
