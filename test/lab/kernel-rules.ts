/** The kernel's NAT in four rule sets, named like the simulator's device classes. The inner host is 192.168.1.2. */
import type { NatDeviceName } from '../../sim/index.ts';
import { MASQUERADE_RULES } from './homes.ts';

/** What comes from outside for a high port goes to the one inner host; `hairpin` is more of the nat chains. */
const fullCone = (hairpin: { readonly arriving: string; readonly leaving: string }): string => `
table ip home {
  chain arriving {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "eth0" udp dport 1024-65535 dnat to 192.168.1.2
    ${hairpin.arriving}
  }
  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" masquerade
    ${hairpin.leaving}
  }
}
`;

export const KERNEL_NAT_RULES = {
  linuxMasquerade: MASQUERADE_RULES,
  linuxFullyRandom: MASQUERADE_RULES.replace('masquerade', 'masquerade fully-random'),
  linuxFullCone: fullCone({ arriving: '', leaving: '' }),
  linuxFullConeHairpin: fullCone({
    arriving: 'iifname "lan0" ip daddr 203.0.113.21 udp dport 1024-65535 dnat to 192.168.1.2',
    leaving: 'oifname "lan0" ct status dnat ip saddr 192.168.1.0/24 snat to 203.0.113.21',
  }),
} as const satisfies Partial<Record<NatDeviceName, string>>;
