// DEBUG RELOAD, by a snapshot in memory: everything is encoded as RDB, deleted and decoded again,
// by the very code that snapshot files will be written and read with. The file itself comes with
// persistence; until then there is none that NOSAVE could load.
import { asciiBytes, equalsWord } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { Context } from "../../engine/command.ts";
import { Failure } from "../../keyspace/failure.ts";
import { RdbError } from "../../persistence/rdb-reader.ts";
import { readSnapshot } from "../../persistence/snapshot-reader.ts";
import { snapshotBytes } from "../../persistence/snapshot-writer.ts";

const unknownOption = new Failure(
  "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
);
const notLoaded = new Failure("ERR Error trying to load the RDB dump, check server logs.");
const mergeWord = asciiBytes("merge");
const noFlushWord = asciiBytes("noflush");
const noSaveWord = asciiBytes("nosave");

export function reload({ args, reply, engine }: Context): void {
  const words = new Set<Uint8Array>();
  for (let index = 2; index < args.count; index++) words.add(wordOf(args, index));
  const { keyspace, host } = engine;
  if (words.has(noSaveWord)) throw notLoaded;
  const isEmpty = keyspace.databases.every((database) => database.size === 0);
  // All that is loaded would be there already.
  if (words.has(noFlushWord) && !words.has(mergeWord) && !isEmpty) throw notLoaded;
  const { maxmemoryPolicy: policy, rdbcompression: compresses } = host.settings;
  const snapshot = snapshotBytes(keyspace, {
    compresses,
    policy,
    hasChecksum: true,
    facts: [],
  });
  if (!words.has(noFlushWord)) keyspace.flushAll();
  try {
    readSnapshot(keyspace, snapshot, { policy, duplicates: "replaced" });
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    host.log("warning", `DEBUG RELOAD cannot load what it has saved: ${error.message}`);
    throw notLoaded;
  }
  host.log("notice", "DB reloaded by DEBUG RELOAD");
  reply.ok();
}

function wordOf(args: Slices, index: number): Uint8Array {
  const { bytes, offsets, lengths } = args;
  for (const word of [mergeWord, noFlushWord, noSaveWord]) {
    if (equalsWord(bytes, offsets[index], lengths[index], word)) return word;
  }
  throw unknownOption;
}
