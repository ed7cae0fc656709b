/** A server at home, behind a symmetric NAT: nobody reaches it until its port was opened, and then every client does. */
import { expect, it } from 'vitest';
import { LogonResult, rapidEngineFactory } from '../../impl/index.ts';
import { Internet, Lan, World } from '../../sim/index.ts';
import type { GatewayOptions } from '../../sim/index.ts';
import { NatPmpClient } from '../sim/boxes/nat-pmp-client.ts';

const SECOND = 1_000_000;
const PORT = 4_530;
const HOME = '198.18.0.2';
const GATEWAY = '192.168.1.1';

/** Asks the home's gateway for the server's port, and logs a client on through it. Gives the result of the logon and an echo. */
function logOn(gateway: GatewayOptions): Promise<readonly [logon: number, echo: readonly number[] | undefined]> {
  const world = new World({ seed: 15 });
  const internet = new Internet(world);
  const host = new Lan(internet, 'home', { nat: 'symmetric', gateway }).host('server');
  const server = rapidEngineFactory.createServerEngine(host.platform());
  const client = rapidEngineFactory.createPassiveEngine(internet.host('client').platform());
  const asker = new NatPmpClient(host.platform(), GATEWAY);
  return world.run(async () => {
    const handleQuery = (_source: string | null, _type: number, info: Uint8Array | null): Uint8Array | null => info;
    await server.initialize(PORT, { handleInformation: () => undefined, handleQuery });
    asker.askPort('tcp', PORT, PORT, 3_600);
    await world.sleep(SECOND);
    const nothing = { handleInformation: () => undefined, handleQuery };
    const { logonResult } = await client.initialize('guest', null, HOME, PORT, nothing);
    const isOn = logonResult === LogonResult.Succeed;
    const echo = isOn ? await client.customizeOutter.query(7, Uint8Array.of(1, 2)) : undefined;
    client.close();
    server.close();
    return [logonResult, echo === undefined || echo === null ? undefined : [...echo]] as const;
  });
}

it('a client logs on through the mapped port and its query is answered', async () => {
  expect(await logOn({})).toEqual([LogonResult.Succeed, [1, 2]]);
});

it('and does not where the gateway only says that it has opened the port', async () => {
  expect((await logOn({ lies: { acknowledgesOnly: true } }).catch(() => ['no way in']))[0]).not.toBe(
    LogonResult.Succeed,
  );
});
