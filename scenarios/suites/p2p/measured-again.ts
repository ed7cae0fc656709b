/** Measurements that failed, or say what is no longer so: whoever invites or answers measures again. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { DirectMode } from '../../attach/direct-peer.ts';
import type { NatKind } from '../../attach/network-options.ts';

/** Longer than a measurement counts as fresh, and than one without any answer lasts. */
const OLD_SECS = 30;

export const measuredAgain: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-6MSR',
    title: 'whose measurement failed after the logon measures again when a link is to be made',
    clauses: ['P2P-030'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'], // behind NATs
    plan: () =>
      fc.record({
        mode: fc.constantFrom<DirectMode>('Udp', 'Tcp'),
        nats: fc.constantFrom<readonly [NatKind, NatKind]>(
          ['portRestricted', 'portRestricted'],
          ['fullCone', 'portRestricted'],
          ['restrictedCone', 'fullCone'],
        ),
        invitedInvites: fc.boolean(),
      }),
    runs: 12,
    async run(stage, { mode, nats, invitedInvites }) {
      const server = await stage.server();
      const p2pServer = await stage.p2pServer();
      await stage.net.fault({ fault: 'linkDown', link: p2pServer.host });
      const options = { mode, p2pServer, impatient: true };
      const alice = await stage.directPeer(server, 'alice', { ...options, network: { nat: nats[0] } });
      const bob = await stage.directPeer(server, 'bob', { ...options, network: { nat: nats[1] } });
      await stage.sleep(OLD_SECS);
      await stage.net.fault({ fault: 'linkUp', link: p2pServer.host });
      if (invitedInvites) bob.connect('alice');
      else alice.connect('bob');
      await alice.waitLink('bob', 'P2P-030');
      await bob.waitLink('alice', 'P2P-030');
    },
  }),
];
