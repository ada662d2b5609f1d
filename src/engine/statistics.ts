// Counters of the engine, as INFO stats and INFO errorstats show them.
import type { Failure } from "../keyspace/failure.ts";
import type { Engine } from "./engine.ts";

/**
 * Distinct error codes that are counted one by one; one more, and none is any longer, lest a
 * script's own codes fill the memory.
 */
const errorCodesMax = 128;
/** Stands for all codes from then on. */
const disabledCode = "ERRORSTATS_DISABLED";

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
  turnCommandsMax = 0;
  /** What handing requests over to the append-only file took. */
  logWriteUs = 0;
  /** What work by the clock took. */
  cronUs = 0;
  /** Error replies by their first word. */
  readonly errorsByCode = new Map<string, number>();
  #countsNoCodes = false;
  readonly #onTooManyCodes: (codes: readonly string[]) => void;

  /** Calls `onTooManyCodes` with the codes so far when there are so many that none counts. */
  constructor(onTooManyCodes: (codes: readonly string[]) => void) {
    this.#onTooManyCodes = onTooManyCodes;
  }

  countError(failure: Failure): void {
    this.errorReplies++;
    const { code } = failure;
    const count = this.errorsByCode.get(code);
    if (this.#countsNoCodes) return;
    if (count === undefined && this.errorsByCode.size >= errorCodesMax) {
      this.#stopCountingCodes();
      return;
    }
    this.errorsByCode.set(code, (count ?? 0) + 1);
  }

  #stopCountingCodes(): void {
    const codes = [...this.errorsByCode.keys()].sort();
    this.errorsByCode.clear();
    this.errorsByCode.set(disabledCode, 1);
    this.#countsNoCodes = true;
    this.#onTooManyCodes(codes);
  }

  reset(): void {
    Object.assign(this, new Statistics(this.#onTooManyCodes));
    this.errorsByCode.clear();
    this.#countsNoCodes = false;
  }
}

/** The log says which codes there were; what was counted is forgotten, and counts as such. */
export function noteTooManyCodes({ host, keyspace }: Engine, codes: readonly string[]): void {
  host.log(
    "warning",
    "Errorstats stopped adding new errors because the number of errors reached the limit, may be " +
      "misuse of lua error_reply, please check INFO ERRORSTATS, this can be re-enabled via " +
      "CONFIG RESETSTAT.",
  );
  host.log("warning", `Current errors code list: ${codes.join(", ")}`);
  keyspace.statistics.lazyFreed += codes.length;
}
