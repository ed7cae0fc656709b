/**
 * Diagnostics: counts and times of all calls of the application's handler, by information type and style (HDL-020 to HDL-024).
 *
 * It stands between engine and handler and changes neither arguments nor results. Drive it: `noteReceived` for each item that
 * arrives, the handler of `watch` instead of the application's own.
 */
import type { Platform } from '../../../../spec/platform.ts';
import type { CustomizeHandler } from '../../api.ts';
import type { InfoHandleRecord, InfoHandleRecordStatistics } from '../../api-handling.ts';
import { InformationStyle } from '../../enums.ts';
import { isPromiseLike } from '../../event.ts';

/** HDL-023: records kept of each kind. */
const LAST_RECORDS_MAX = 10;

/** Kinds (type and style) that are kept apart. Ours: peers choose the types, so their number has to be bounded (HDL-027). */
const KINDS_MAX = 1024;

type Kind = Pick<InfoHandleRecord, 'informationType' | 'informationStyle'> & {
  callCount: number;
  exceptionCount: number;
  lastRecords: InfoHandleRecord[];
};

type Running = { readonly record: InfoHandleRecord; readonly startedMicros: number };

/** What is known of the handling on one server. */
export class Diagnostics {
  readonly #platform: Platform;
  /** By style, then by type. */
  readonly #kinds = new Map<InformationStyle, Map<number, Kind>>();
  readonly #running = new Map<number, Running>();
  #kindCount = 0;
  #lastId = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  noteReceived(informationType: number, style: InformationStyle): void {
    const kind = this.#kindOf(informationType, style);
    if (kind !== undefined) kind.callCount++;
  }

  /** A handler that does what `inner` does, and is watched. */
  watch(inner: CustomizeHandler): CustomizeHandler {
    return {
      handleInformation: (source, informationType, info) =>
        this.#watch(informationType, InformationStyle.Common, () =>
          inner.handleInformation(source, informationType, info),
        ),
      handleQuery: (source, informationType, info) =>
        this.#watch(informationType, InformationStyle.Query, () => inner.handleQuery(source, informationType, info)),
    };
  }

  statistics(): InfoHandleRecordStatistics[] {
    return [...this.#kinds.values()].flatMap((ofStyle) =>
      [...ofStyle.values()].map((kind) => ({ ...kind, lastRecords: [...kind.lastRecords] })),
    );
  }

  uncommitted(): InfoHandleRecord[] {
    return [...this.#running.values()].map(({ record }) => record);
  }

  #watch<Result>(informationType: number, informationStyle: InformationStyle, call: () => Result): Result {
    const id = ++this.#lastId;
    const startTime = this.#platform.wallMillis();
    const record = { id, informationType, informationStyle, startTime, timeSpent: 0 };
    this.#running.set(id, { record, startedMicros: this.#platform.monotonicMicros() });
    try {
      const result = call();
      if (isPromiseLike(result)) {
        result.then(
          () => this.#commit(id, false),
          () => this.#commit(id, true),
        );
      } else this.#commit(id, false);
      return result;
    } catch (error) {
      this.#commit(id, true);
      throw error;
    }
  }

  #commit(id: number, threw: boolean): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    const { record, startedMicros } = running;
    const kind = this.#kindOf(record.informationType, record.informationStyle);
    if (kind === undefined) return;
    if (threw) kind.exceptionCount++;
    const timeSpent = Math.round((this.#platform.monotonicMicros() - startedMicros) / 1000);
    kind.lastRecords.push({ ...record, timeSpent });
    if (kind.lastRecords.length > LAST_RECORDS_MAX) kind.lastRecords.shift();
  }

  #kindOf(informationType: number, informationStyle: InformationStyle): Kind | undefined {
    let ofStyle = this.#kinds.get(informationStyle);
    if (ofStyle === undefined) {
      ofStyle = new Map();
      this.#kinds.set(informationStyle, ofStyle);
    }
    const known = ofStyle.get(informationType);
    if (known !== undefined) return known;
    if (this.#kindCount >= KINDS_MAX) {
      if (this.#kindCount++ === KINDS_MAX) {
        this.#platform.log(
          'warn',
          `diagnostics keep ${KINDS_MAX} kinds of information; further ones are not counted (HDL-027)`,
        );
      }
      return undefined;
    }
    this.#kindCount++;
    const kind = { informationType, informationStyle, callCount: 0, exceptionCount: 0, lastRecords: [] };
    ofStyle.set(informationType, kind);
    return kind;
  }
}
