/**
 * The events of a running world as facts that a predicate can ask about: packets sent, delivered and dropped, TCP states,
 * mappings made and gone, timers, faults, log lines, marks. It judges nothing and changes no digest.
 *
 * `index` is the number of the trace record the event is noted by, from 0; a packet that is sent and a mapping have no record
 * of their own and carry the number of the next one. Tables of NATs forget without a word, so an expired mapping is seen with
 * the first event after its end. Use: `const remove = watchEvents(world, { withMappings }, onEvent)`.
 */
import type { NetworkInterface, Packet, RunObserver, World } from '../../sim/index.ts';
import {
  TCP_STATE_NAMES,
  TRACE_KIND,
  TRACE_KIND_NAMES,
  describeWords,
  dropReasonName,
  formatAddress,
  observe,
  registryOf,
} from '../../sim/index.ts';

/** One event. What does not apply is undefined. */
export type SeenEvent = {
  readonly index: number;
  readonly timeMicros: number;
  readonly kind: string;
  /** A host, router or NAT. */
  readonly node?: string | undefined;
  /** Set beside `node` when that is a NAT. */
  readonly nat?: string | undefined;
  /** Without the direction. */
  readonly link?: string | undefined;
  readonly packet?: Readonly<Packet> | undefined;
  readonly reason?: string | undefined;
  /** The TCP state entered. */
  readonly state?: string | undefined;
  readonly mapping?: 'created' | 'expired' | undefined;
  readonly text?: string | undefined;
};

export type EventListener = (event: SeenEvent) => void;

type Translated = Parameters<RunObserver['onTranslate']>;
type KnownMapping = { readonly nat: string; readonly text: string; readonly mapping: Translated[1] };

/** Tells of every event from now on. Gives the remover. `withMappings` costs a look at all live mappings with each event. */
export function watchEvents(
  world: World,
  { withMappings }: { readonly withMappings: boolean },
  onEvent: EventListener,
): () => void {
  const { trace } = world;
  const mappings = withMappings ? new MappingWatch(world, onEvent) : undefined;
  const tell = (index: number, kind: string, facts: Omit<SeenEvent, 'index' | 'timeMicros' | 'kind'>): void => {
    mappings?.look();
    onEvent({ index, timeMicros: world.nowMicros, kind, ...facts });
  };
  const ofSubject = (subject: number): Pick<SeenEvent, 'node' | 'nat' | 'link'> => placeOf(world, subject);
  return observe(world, {
    onSend: (via, packet) => tell(trace.count, 'send', { ...ofInterface(world, via), packet }),
    onReceive: (at, packet) => tell(trace.count - 1, 'deliver', { ...ofInterface(world, at), packet }),
    onCopy: () => undefined,
    onDrop: (subject, packet, code) =>
      tell(trace.count, 'drop', { ...ofSubject(subject), packet, reason: dropReasonName(code) }),
    onTranslate: (...translated) => mappings?.note(...translated),
    onRecord: (kind, subject, a, b, c, d) => {
      if (kind >= TRACE_KIND.fault) return;
      const state = kind === TRACE_KIND.tcpState ? TCP_STATE_NAMES[c] : undefined;
      const text = describeWords(kind, a, b, c, d);
      tell(trace.count, TRACE_KIND_NAMES[kind], { ...ofSubject(subject), state, text });
    },
    onText: (kind, subject, text) => {
      tell(trace.count - 1, TRACE_KIND_NAMES[kind], { ...ofSubject(subject), text });
      if (kind === TRACE_KIND.fault) mappings?.lookAtTables();
    },
  });
}

function ofInterface(world: World, at: NetworkInterface): Pick<SeenEvent, 'node' | 'nat' | 'link'> {
  const { name } = at.node;
  return {
    node: name,
    nat: registryOf(world).nats.has(name) ? name : undefined,
    link: at.out === undefined ? undefined : linkName(at.out.name),
  };
}

/** What a subject of the trace is: a node, or a direction of a link. */
function placeOf(world: World, subject: number): Pick<SeenEvent, 'node' | 'nat' | 'link'> {
  const name = world.trace.subjectName(subject);
  if (name === '-') return {};
  const { links, nats } = registryOf(world);
  const link = linkName(name);
  if (link !== name && links.has(link)) return { link };
  return { node: name, nat: nats.has(name) ? name : undefined };
}

function linkName(direction: string): string {
  return direction.replace(/:(?:forward|backward)$/, '');
}

/** Which mappings live, as far as packets have shown. */
class MappingWatch {
  readonly #world: World;
  readonly #onEvent: EventListener;
  readonly #live = new Map<Translated[1], KnownMapping>();
  #isTableDue = false;

  constructor(world: World, onEvent: EventListener) {
    this.#world = world;
    this.#onEvent = onEvent;
  }

  note(...[subject, mapping]: Translated): void {
    this.look();
    if (this.#live.has(mapping)) return;
    const nat = this.#world.trace.subjectName(subject);
    const inner = `${formatAddress(mapping.innerAddress)}:${mapping.innerPort}`;
    const known = { nat, mapping, text: `${inner} at port ${mapping.externalPort}` };
    this.#live.set(mapping, known);
    this.#tell(known, 'created');
  }

  /** A fault may take whole tables away, but does so only after it was noted. */
  lookAtTables(): void {
    this.#isTableDue = true;
  }

  look(): void {
    const { nowMicros } = this.#world;
    const isTableDue = this.#isTableDue;
    this.#isTableDue = false;
    for (const known of this.#live.values()) {
      const isListed = !isTableDue || this.#tableHas(known);
      if (known.mapping.expiresAtMicros > nowMicros && isListed) continue;
      this.#live.delete(known.mapping);
      this.#tell(known, 'expired');
    }
  }

  #tableHas({ nat, mapping }: KnownMapping): boolean {
    const table = registryOf(this.#world).nats.get(nat)?.table;
    return table?.live(this.#world.nowMicros).some((each) => each === mapping) === true;
  }

  #tell({ nat, text }: KnownMapping, mapping: 'created' | 'expired'): void {
    const { trace, nowMicros } = this.#world;
    this.#onEvent({ index: trace.count, timeMicros: nowMicros, kind: 'mapping', node: nat, nat, mapping, text });
  }
}
