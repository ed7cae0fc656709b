/** Peer-to-peer addresses between the public form and the wire's (P2P-010). */
import type { ContractOf } from '../../spec/grammar/index.ts';
import type { P2PAddress } from './api.ts';

/** From the wire's form. */
export function p2pAddressFromWire(address: ContractOf<'P2PAddress'>): P2PAddress {
  return {
    publicIP: address.PublicIP,
    privateIP: address.PrivateIP,
    privateUdpPort: address.PrivateUdpPort,
    publicUdpPort: address.PublicUdpPort,
    privateTcpPort: address.PrivateTcpPort,
    publicTcpPort: address.PublicTcpPort,
  };
}

/** To the wire's form. */
export function p2pAddressToWire(address: P2PAddress): ContractOf<'P2PAddress'> {
  return {
    PublicIP: address.publicIP,
    PrivateIP: address.privateIP,
    PrivateUdpPort: address.privateUdpPort,
    PublicUdpPort: address.publicUdpPort,
    PrivateTcpPort: address.privateTcpPort,
    PublicTcpPort: address.publicTcpPort,
  };
}
