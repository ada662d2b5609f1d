// Parameters of snapshots and of the append-only file. Names of files are checked already, so that
// a configuration that is accepted today will be accepted when the files are written.

import { integer, intMax, intMin, longMax } from "../integer-kind.ts";
import { choice, special, stored, string, yesNo } from "../parameter.ts";
import { saveKind } from "../special-kinds.ts";

function isBaseName(path: string): boolean {
  return !path.includes("/") && !path.includes("\\");
}

export const persistence = [
  special(
    "save",
    [
      { seconds: 3600, changes: 1 },
      { seconds: 300, changes: 100 },
      { seconds: 60, changes: 10000 },
    ],
    saveKind,
    {
      summary: "After how many seconds and changes a snapshot is written.",
      multiArgument: true,
    },
  ),
  string("dbfilename", "dump.rdb", {
    summary: "Name of the snapshot's file in the working directory.",
    mutability: "protected",
    check: (name) => (isBaseName(name) ? undefined : "dbfilename can't be a path, just a filename"),
  }),
  yesNo("rdbcompression", true, {
    summary: "Compresses long strings in snapshots.",
  }),
  yesNo("rdbchecksum", true, {
    summary: "Ends snapshots with a checksum and checks it when loading.",
    mutability: "immutable",
  }),
  yesNo("rdb-del-sync-files", false, {
    summary: "Removes snapshots that were only made for replicas.",
  }),
  yesNo("rdb-save-incremental-fsync", true, {
    summary: "Flushes a snapshot to disk bit by bit while it is written.",
  }),
  yesNo("stop-writes-on-bgsave-error", true, {
    summary: "Refuses writes after a snapshot could not be written.",
  }),
  integer("rdb-key-save-delay", 0, {
    summary: "Microseconds to wait after each key of a snapshot, for tests.",
    hidden: true,
    min: intMin,
    max: intMax,
  }),
  integer("key-load-delay", 0, {
    summary: "Microseconds to wait after each key that is loaded, for tests.",
    hidden: true,
    min: intMin,
    max: intMax,
  }),
  integer("loading-process-events-interval-bytes", 2 * 1024 * 1024, {
    summary: "Bytes after which loading lets clients have a turn.",
    hidden: true,
    min: 1024,
    max: intMax,
  }),
  choice("sanitize-dump-payload", "no", ["no", "yes", "clients"], {
    summary: "How thoroughly RESTORE and loading check what they get.",
    awaits: stored("loading without checks (everything is always checked)"),
  }),
  yesNo("appendonly", false, {
    summary: "Records every write in the append-only file.",
  }),
  string("appendfilename", "appendonly.aof", {
    summary: "What names of append-only files begin with.",
    mutability: "immutable",
    check(name) {
      if (name === "") return "appendfilename can't be empty";
      return isBaseName(name) ? undefined : "appendfilename can't be a path, just a filename";
    },
  }),
  string("appenddirname", "appendonlydir", {
    summary: "Directory of the append-only files in the working directory.",
    mutability: "immutable",
    check(name) {
      if (name === "") return "appenddirname can't be empty";
      return isBaseName(name) ? undefined : "appenddirname can't be a path, just a dirname";
    },
  }),
  choice("appendfsync", "everysec", ["everysec", "always", "no"], {
    summary: "When the append-only file is flushed to disk.",
  }),
  yesNo("no-appendfsync-on-rewrite", false, {
    summary: "Does not flush the append-only file while a snapshot or a rewrite is written.",
  }),
  integer("auto-aof-rewrite-percentage", 100, {
    summary: "Growth in percent after which the append-only file is rewritten; 0 is never.",
    min: 0,
    max: intMax,
  }),
  integer("auto-aof-rewrite-min-size", 64 * 1024 * 1024, {
    summary: "Bytes below which the append-only file is not rewritten by itself.",
    min: 0,
    max: longMax,
    unit: "memory",
  }),
  yesNo("aof-rewrite-incremental-fsync", true, {
    summary: "Flushes a rewrite to disk bit by bit while it is written.",
  }),
  yesNo("aof-load-truncated", true, {
    summary: "Loads an append-only file whose end was cut off, instead of refusing to start.",
  }),
  yesNo("aof-use-rdb-preamble", true, {
    summary: "Lets a rewritten append-only file begin with a snapshot.",
  }),
  yesNo("aof-timestamp-enabled", false, {
    summary: "Notes the time in the append-only file.",
  }),
  yesNo("aof-disable-auto-gc", false, {
    summary: "Keeps append-only files that are no longer needed, for tests.",
    hidden: true,
  }),
] as const;
