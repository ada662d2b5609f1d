// What was refused to whom, for ACL LOG, and how often, for INFO.
//
// Refusals that are alike (same user, reason, place and object within a minute) share an entry,
// which moves to the front: so a client that tries the same again and again does not push out the
// rest. Only the latest few entries are looked at for that, as in Redis's addACLLogEntry.

export type DenialReason = "command" | "key" | "channel" | "auth";
/** Where a request came from: by itself, in a transaction, or from a script. */
export type AccessContext = "toplevel" | "multi" | "lua";

export interface Denial {
  readonly reason: DenialReason;
  readonly context: AccessContext;
  /** The command, key or channel that was refused, or the command that failed to log in. */
  readonly object: string;
  readonly userName: string;
}

export interface DenialEntry extends Denial {
  /** Never comes twice in the life of the server. */
  readonly id: number;
  readonly createdMs: number;
  updatedMs: number;
  count: number;
  /** The last client that it happened to, as CLIENT LIST shows it. */
  clientInfo: string;
}

const groupingMs = 60_000;
const groupedEntriesMax = 10;

export class AccessLog {
  /** `acllog-max-len`. A lower value takes effect with the next refusal. */
  lengthMax = 128;
  readonly counts: Record<DenialReason, number> = { auth: 0, command: 0, key: 0, channel: 0 };
  /** The latest first. */
  #entries: DenialEntry[] = [];
  #nextId = 0;

  /** The latest entries, the last one first. */
  latest(count: number): readonly DenialEntry[] {
    return this.#entries.slice(0, count);
  }

  reset(): void {
    this.#entries = [];
  }

  resetStatistics(): void {
    Object.assign(this.counts, { auth: 0, command: 0, key: 0, channel: 0 });
  }

  add(denial: Denial, nowMs: number, clientInfo: string): void {
    this.counts[denial.reason]++;
    if (this.lengthMax === 0) {
      this.#entries = [];
      return;
    }
    const index = this.#entries.findIndex(
      (each, at) => at < groupedEntriesMax && isAlike(each, denial, nowMs),
    );
    if (index < 0) {
      const id = this.#nextId++;
      const times = { createdMs: nowMs, updatedMs: nowMs };
      this.#entries.unshift({ ...denial, ...times, id, count: 1, clientInfo });
      this.#entries.length = Math.min(this.#entries.length, this.lengthMax);
      return;
    }
    const [entry] = this.#entries.splice(index, 1);
    entry.updatedMs = nowMs;
    entry.clientInfo = clientInfo;
    entry.count++;
    this.#entries.unshift(entry);
  }
}

function isAlike(entry: DenialEntry, denial: Denial, nowMs: number): boolean {
  return (
    entry.reason === denial.reason &&
    entry.context === denial.context &&
    entry.object === denial.object &&
    entry.userName === denial.userName &&
    Math.abs(nowMs - entry.updatedMs) <= groupingMs
  );
}
