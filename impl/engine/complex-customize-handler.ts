/** One handler made of several, each for its own information types (HDL-030, HDL-031, HDL-034). It takes no part in the handling itself. */
import type { IntegratedCustomizeHandler } from './api-handling.ts';

/** Hand it to `initialize` of a client or a server, or put it into the list of another one. */
export class ComplexCustomizeHandler implements IntegratedCustomizeHandler {
  /** Asked in this order; may be changed at any time. */
  readonly handlerList: IntegratedCustomizeHandler[];

  constructor(handlerList: Iterable<IntegratedCustomizeHandler> = []) {
    this.handlerList = [...handlerList];
  }

  canHandle(informationType: number): boolean {
    return this.handlerList.some((each) => each.canHandle(informationType));
  }

  handleInformation(
    sourceUserID: string | null,
    informationType: number,
    info: Uint8Array | null,
  ): void | Promise<void> {
    return this.#handlerFor(informationType).handleInformation(sourceUserID, informationType, info);
  }

  handleQuery(
    sourceUserID: string | null,
    informationType: number,
    info: Uint8Array | null,
  ): Uint8Array | null | Promise<Uint8Array | null> {
    return this.#handlerFor(informationType).handleQuery(sourceUserID, informationType, info);
  }

  /** HDL-034: what nobody takes is an exception: logged for information, and a HandingException for whoever asked. */
  #handlerFor(informationType: number): IntegratedCustomizeHandler {
    const handler = this.handlerList.find((each) => each.canHandle(informationType));
    if (handler !== undefined) return handler;
    const count = this.handlerList.length;
    throw new Error(
      `none of the ${count} handlers of this ComplexCustomizeHandler can handle information ${informationType}`,
    );
  }
}
