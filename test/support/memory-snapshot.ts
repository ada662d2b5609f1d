// Snapshots in memory: written and loaded all at once.
import type { Keyspace } from "../../src/keyspace/keyspace.ts";
import type { RdbListener } from "../../src/persistence/rdb-loader.ts";
import { RdbLoader } from "../../src/persistence/rdb-loader.ts";
import { RdbReader } from "../../src/persistence/rdb-reader.ts";
import type { ByteSink } from "../../src/persistence/byte-stream.ts";
import type { SnapshotOptions } from "../../src/persistence/snapshot-writer.ts";
import { SnapshotWriter } from "../../src/persistence/snapshot-writer.ts";

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

/** A whole snapshot at once, in memory. */
export function snapshotBytes(keyspace: Keyspace, options: SnapshotOptions): Uint8Array {
  const parts: Uint8Array[] = [];
  const sink: ByteSink = {
    write: (bytes, offset, length) => void parts.push(bytes.slice(offset, offset + length)),
  };
  new SnapshotWriter(keyspace, sink, options).step(() => false);
  return concatenate(parts);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
