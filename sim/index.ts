/**
 * `sim/`: a deterministic network. Virtual hosts, clocks, links, routers and real TCP, UDP and ICMP semantics; no protocol.
 *
 * Equal seed, equal run: `world.digest()` is the same on every machine. A world of two hosts is three lines:
 *
 * ```ts
 * const world = new World({ seed: 1 });
 * const internet = new Internet(world, { link: { delayMicros: 20_000, loss: ratio(1, 100) } });
 * const [alice, bob] = [internet.host('alice'), internet.host('bob')];
 *
 * await world.run(async () => {
 *   const server = bob.platform();
 *   server.listenTcp({ port: 80 }, { onConnection: (tcp) => echoHandlers(tcp), onError: fail });
 *   const client = alice.platform();
 *   const remote = { address: server.localAddresses()[0], port: 80 };
 *   client.connectTcp({ remote }, { onConnected, onData, onClosed });
 *   await world.sleep(5_000_000);      // or await a promise that a handler settles after platform.noteAsyncEdge()
 *   bob.crash();                       // hardship: crash, restart, pause, link.hold, partition ...
 * });
 * console.log(world.digest());
 * ```
 *
 * Engines without promises run faster by `world.runUntil(micros)`, which never leaves the synchronous loop.
 */
export { ALWAYS, NEVER, ratio } from './ratio.ts';
export type { Ratio } from './ratio.ts';
export { SimError } from './errors.ts';
export type { SimErrorCode } from './errors.ts';
export { RandomStream } from './random.ts';
export { EventQueue, Lane } from './event-queue.ts';
export type { EventTarget } from './event-queue.ts';
export { Trace, diffTraces } from './trace.ts';
export type { TraceDivergence, TraceOptions, TraceRecord } from './trace.ts';
export { findDivergence } from './divergence.ts';
export type { Divergence, TraceWindow, TracedOutcome, TracedRun } from './divergence.ts';
export { firstDivergentStretch, keepCheckpoints } from './checkpoints.ts';
export type { Checkpoints, Stretch } from './checkpoints.ts';
export { DROP_REASON, TRACE_KIND, TRACE_KIND_NAMES, describeWords, dropReasonName } from './trace-kinds.ts';
export type { DropReason, TraceKind } from './trace-kinds.ts';
export { World } from './world.ts';
export type { LogLine, LogListener, Macrotask, Planned, WorldOptions } from './world.ts';
export { formatAddress, parseAddress, parsePrefix, tryParseAddress } from './address.ts';
export type { Address, Prefix } from './address.ts';
export { ECN, ICMP_CODE, ICMP_TYPE, PROTOCOL, TCP_FLAG, copyPacket, createUdpPacket, isSyn } from './packet.ts';
export type { Packet, Protocol } from './packet.ts';
export type { LinkOptions, LinkSettings, TooBigPolicy } from './link-options.ts';
export { Link, LinkDirection } from './link.ts';
export type { LinkPairOptions, PacketKeeper, PacketSink } from './link.ts';
export type { CodelOptions } from './link/codel.ts';
export { DelaySource, parseDelayTrace } from './link/delay.ts';
export type { DelayModel } from './link/delay.ts';
export { LossProcess } from './link/loss.ts';
export type { BlockLoss, BurstLoss, LossModel, NthLoss } from './link/loss.ts';
export { LINK_PRESETS, linkPreset } from './link/presets.ts';
export type { LinkPreset, LinkPresetName } from './link/presets.ts';
export type { LinkRule, PacketTap, Verdict } from './link/script.ts';
export type { LinkStatistics } from './link/statistics.ts';
export { NetworkInterface, connectNodes } from './node.ts';
export { NodeShaping, shapeNode } from './node-shaping.ts';
export type { ShapingOptions } from './node-shaping.ts';
export type { Connection, ConnectionEnd, PacketNode } from './node.ts';
export { Nat } from './nat/nat.ts';
export type { MappingView, NatStatistics } from './nat/nat.ts';
export { NAT_PRESETS, natBehaviour } from './nat/presets.ts';
export type { NatName, NatPreset } from './nat/presets.ts';
export type { NatBehaviour, NatDependence, PortQuestion, PortRule } from './nat/behaviour.ts';
export { NatTable } from './nat/table.ts';
export { NAT_DEVICES } from './nat/devices.ts';
export type { NatDevice, NatDeviceName } from './nat/devices.ts';
export { natDevicesText } from './nat/devices-table.ts';
export { brokenRequirements } from './nat/rfc.ts';
export { CaptivePortal } from './boxes/captive-portal.ts';
export type { CaptivePortalOptions } from './boxes/captive-portal.ts';
export { Gateway } from './boxes/gateway.ts';
export type { GatewayLies, GatewayOptions } from './boxes/gateway-options.ts';
export { serveHttpProxy } from './boxes/http-proxy.ts';
export type { HttpProxyOptions } from './boxes/http-proxy.ts';
export { serveSocks5 } from './boxes/socks5.ts';
export type { Socks5Options } from './boxes/socks5.ts';
export type { EchoAnswer, PingOptions } from './echo.ts';
export { rareWaysOf, takeRareWays } from './rare-ways.ts';
export type { RareWayCount, RareWayOptions, RareWays } from './rare-ways.ts';
export { Router } from './router.ts';
export { RoutingTable } from './routing-table.ts';
export { Names, namesOf } from './names.ts';
export type { NameAnswer, NameFailure } from './names.ts';
export { HostClock } from './clock.ts';
export type { ClockOptions } from './clock.ts';
export { Host } from './host.ts';
export type { HostOptions, OpenResources } from './host.ts';
export type { HostModel } from './host/gate.ts';
export type { Firewall, FirewallAction, FirewallOptions, FirewallRule, RejectAnswer } from './host/firewall.ts';
export { TRACKING_MICROS } from './host/connection-tracking.ts';
export type { SlowOptions } from './host/slowness.ts';
export { moveHost } from './roaming.ts';
export type { MoveOptions } from './roaming.ts';
export { Registry, registryOf } from './registry.ts';
export { TCP_OPTIONS_DEFAULT, TCP_OPTIONS_LINUX } from './tcp/options.ts';
export type { TcpOptions } from './tcp/options.ts';
export { TCP_MOVES, TCP_STATE, TCP_STATE_NAMES } from './tcp/states.ts';
export type { TcpMove, TcpState } from './tcp/states.ts';
export type { LanIpv6Options } from './ipv6/lan.ts';
export { firewallBehaviour } from './ipv6/firewall.ts';
export type { FirewallName } from './ipv6/firewall.ts';
export { nat64Behaviour } from './ipv6/translator.ts';
export { AddressPool, Internet, Lan } from './topology.ts';
export type { InternetOptions, LanOptions, NetworkHostOptions } from './topology.ts';
export { planSwizzleClog } from './swizzle.ts';
export type { PlannedFault, SwizzleOptions } from './swizzle.ts';
export { FAULT_KINDS, FAULT_WORDS } from './fault-words.ts';
export type { Fault, FaultKind, FaultWord, LinkCondition } from './fault-words.ts';
export { FAULT_CLASSES, FAULT_CLASS_NAMES, whereFaultClassActs } from './fault-classes.ts';
export type { FaultClass, FaultClassRow, Struck } from './fault-classes.ts';
export { Faults } from './faults.ts';
export type { PacketTrigger } from './faults.ts';
export { Adversary } from './adversary/adversary.ts';
export type { ReplayOptions } from './adversary/adversary.ts';
export { ATTACK_CLASSES, ATTACK_CLASS_NAMES } from './adversary/attack-classes.ts';
export type { AttackClass, AttackClassRow, Strike } from './adversary/attack-classes.ts';
export { forgeDatagram, forgeIcmpError, forgeSegment } from './adversary/forge.ts';
export type { Ends, IcmpFields, SegmentFields } from './adversary/forge.ts';
export { MANGLINGS, mangle } from './adversary/mangle.ts';
export type { Mangling } from './adversary/mangle.ts';
export type { Flow, FlowEnd, NextSegment, Tap } from './adversary/tap.ts';
export { Capture, captureLink, captureNode } from './capture.ts';
export { BLIND_OBSERVER, observe } from './observer.ts';
export type { RunObserver } from './observer.ts';
export { FlightRecorder, HOP_MARK, HOP_OUTCOME, recordFlight } from './seeing/flight-recorder.ts';
export type { FlightOptions, HopColumns, NoteColumns, RecordedNode, Recording } from './seeing/flight-recorder.ts';
export { flagText, packetText } from './seeing/packet-text.ts';
export { worldState } from './seeing/world-state.ts';
export type {
  HostState,
  LinkState,
  NatMappingState,
  NatState,
  PlannedState,
  TcpSocketState,
  WorldState,
} from './seeing/world-state.ts';
export type { MappingLife } from './seeing/mapping-lives.ts';
export { WorldCapture, captureWorld } from './seeing/world-capture.ts';
export type { WorldCaptureOptions } from './seeing/world-capture.ts';
export { encodePcap } from './pcap.ts';
export type { CapturedPacket, PcapOptions } from './pcap.ts';
export { encodePacket, onesSum } from './packet-bytes.ts';
export { conversationPackets } from './conversation.ts';
export type { Conversation, ConversationMessage } from './conversation.ts';
export { buildIdleWorld, pumpPackets, runChatter, runRing } from './bench-worlds.ts';
export type {
  ChatterOptions,
  ChatterResult,
  PumpOptions,
  PumpResult,
  RingOptions,
  RingResult,
} from './bench-worlds.ts';
