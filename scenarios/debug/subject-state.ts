/** What the servers and clients of a case wait for, as its journal has it. The insides of engines are not in it. */
import type { StageSession } from '../attach/stage.ts';

/** A client, server or raw peer that takes part. */
export type SubjectState = {
  readonly name: string;
  readonly kind: string;
  readonly host: string;
  /** Queries and acknowledgments without answer. */
  readonly waitsFor: readonly string[];
};

/** Of every subject so far. */
export function subjectStates(session: StageSession | undefined): readonly SubjectState[] {
  const { subjects = [], asks = [] } = session?.journal ?? {};
  return subjects.map(({ name, kind, host, index, gone }) => ({
    name,
    kind: gone ? `${kind}, gone` : kind,
    host,
    waitsFor: asks.filter((ask) => ask.subject === index && ask.settledCount === 0).map((ask) => ask.label),
  }));
}
