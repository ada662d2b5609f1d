// Counters of the engine, as INFO stats and INFO errorstats show them.
import type { Failure } from "../keyspace/failure.ts";

/**
 * Distinct error codes that are counted one by one; beyond it they go unnamed, lest a script's own
 * codes fill the memory.
 */
const errorCodesMax = 128;

export class Statistics {
  commands = 0;
  connections = 0;
  rejectedConnections = 0;
  inputBytes = 0;
  outputBytes = 0;
  errorReplies = 0;
  unexpectedErrors = 0;
  expiredTimeCapReached = 0;
  expireCycleUs = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  evictedClients = 0;
  peakUsedBytes = 0;
  /** What all commands took together. */
  commandUs = 0;
  turns = 0;
  turnUs = 0;
  turnUsMax = 0;
  /** Error replies by their first word. */
  readonly errorsByCode = new Map<string, number>();

  countError(failure: Failure): void {
    this.errorReplies++;
    const { code } = failure;
    const count = this.errorsByCode.get(code);
    if (count === undefined && this.errorsByCode.size >= errorCodesMax) return;
    this.errorsByCode.set(code, (count ?? 0) + 1);
  }

  reset(): void {
    Object.assign(this, new Statistics());
    this.errorsByCode.clear();
  }
}
