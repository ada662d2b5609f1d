// Loads a snapshot that is in memory, all at once: what DEBUG RELOAD does.
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { RdbListener } from "./rdb-loader.ts";
import { RdbLoader } from "./rdb-loader.ts";
import { RdbReader } from "./rdb-reader.ts";

export interface LoadOptions {
  /** A value of `maxmemory-policy`. */
  readonly policy: string;
  /** What to do about a key that is there already. */
  readonly duplicates: "refused" | "replaced";
}

/** Nobody needs the facts of one's own snapshot, and the functions are where they were. */
const deafListener: RdbListener = {
  auxiliary: () => {},
  functionLibrary: () => undefined,
  modulePassedOver: () => {},
  emptyKeyPassedOver: () => {},
};

/**
 * Loads a snapshot into the keyspace. Keys whose time is over are left out unless the keyspace
 * keeps such keys. Throws `RdbError`; what was loaded before stays.
 */
export function readSnapshot(keyspace: Keyspace, bytes: Uint8Array, options: LoadOptions): void {
  const reader = new RdbReader(bytes, 0, bytes.length);
  const expired = keyspace.expires ? "dropped" : "kept";
  const all = { ...options, expired, checksum: "compared" } as const;
  new RdbLoader(keyspace, reader, all, deafListener).step(Infinity);
}
