/** A home with a gateway for the tests of port mapping, and a stranger outside who knocks. */
import { Internet, Lan, World, natBehaviour } from '../../../sim/index.ts';
import type { GatewayOptions, Host, NatBehaviour } from '../../../sim/index.ts';

const SECOND = 1_000_000;

export const GATEWAY = '192.168.1.1';

export type Home = {
  readonly world: World;
  readonly internet: Internet;
  readonly lan: Lan;
  readonly inside: Host;
  readonly beside: Host;
  /** The external address of the home. */
  readonly external: string;
  /** Lets so much time pass, a second by default. */
  readonly wait: (micros?: number) => void;
  /** Sends a datagram from outside to a port of the home; gives which hosts heard it at `innerPort`. */
  readonly knock: (externalPort: number) => readonly string[];
};

/** Port-restricted and preserving unless it is changed. `innerPort` is where both hosts listen. */
export function aHome(options: GatewayOptions = {}, changes: Partial<NatBehaviour> = {}, innerPort = 4_000): Home {
  const world = new World({ seed: 6, traceRecords: 10_000 });
  const internet = new Internet(world);
  const stranger = internet.host('stranger');
  const nat = natBehaviour('portRestricted', { allocation: 'preserving', ...changes });
  const lan = new Lan(internet, 'home', { nat, gateway: options });
  const hosts = [lan.host('inside'), lan.host('beside')] as const;
  const heard: string[] = [];
  for (const host of hosts) {
    host.platform().bindUdp({ port: innerPort }, { onMessage: () => heard.push(host.name) });
  }
  const socket = stranger.platform().bindUdp({ port: 9 }, { onMessage: () => undefined });
  world.runUntil(1);
  const external = '198.18.0.3';
  const wait = (micros = SECOND): void => world.runUntil(world.nowMicros + micros);
  const knock = (port: number): readonly string[] => {
    heard.length = 0;
    socket.send(Uint8Array.of(1), { address: external, port });
    wait(SECOND / 10);
    return [...heard];
  };
  return { world, internet, lan, inside: hosts[0], beside: hosts[1], external, wait, knock };
}
