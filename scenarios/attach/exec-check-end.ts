/** Checks of how an adapter ends, each with a process of its own; and the list of all checks. Run by `exec-check.ts`. */
import type { AdapterOptions } from './exec-adapter.ts';
import { launchForCheck, type Check } from './exec-check.ts';
import { CLIENT_CHECKS } from './exec-check-client.ts';
import { PROTOCOL_CHECKS } from './exec-check-protocol.ts';
import { describeEnd } from './exec-process.ts';

/** All checks in order; the last two watch the adapter end, the one by `bye`, a second process by losing its input. */
export function allChecks(options: AdapterOptions): readonly Check[] {
  // Started now, so that a slow start runs beside the other checks.
  const second = launchForCheck(options);
  second.catch(() => undefined);
  return [...PROTOCOL_CHECKS, ...CLIENT_CHECKS, endOfInputCheck(second), BYE_CHECK];
}

function endOfInputCheck(second: ReturnType<typeof launchForCheck>): Check {
  return {
    title: 'The end of standard input ends the process',
    section: '3.11',
    fix: 'Leave the reading loop at end of file, close all clients and exit; no non-daemon thread may keep the process.',
    run: async () => {
      const { adapter } = await second;
      const { end, byItself } = await adapter.hangUp(1);
      return byItself ? undefined : `it was still there a second later and had to be killed (${describeEnd(end)})`;
    },
  };
}

const BYE_CHECK: Check = {
  title: 'bye is answered and ends the process with exit code 0',
  section: '3.11',
  fix: 'Answer bye, flush, close all clients and exit with code 0 within 3 seconds.',
  run: async ({ adapter }) => {
    const { end, byItself, answered } = await adapter.bye(1);
    if (!byItself) return 'it was still there a second later and had to be killed';
    if (!answered) return 'it ended without answering';
    return end.kind === 'exit' && end.code === 0 ? undefined : `it ended with ${describeEnd(end)}`;
  },
};
