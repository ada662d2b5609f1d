// DEBUG RELOAD and DEBUG LOADAOF: everything is deleted and loaded from its files again, which are
// brought up to date first.
import { asciiBytes, equalsWord } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { Context } from "../../engine/command.ts";
import { Failure } from "../../keyspace/failure.ts";

const unknownOption = new Failure(
  "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
);
const notReloaded = new Failure("ERR Error trying to load the RDB dump, check server logs.");
const aofNotReloaded = new Failure("ERR Error trying to load the AOF files, check server logs.");
const mergeWord = asciiBytes("merge");
const noFlushWord = asciiBytes("noflush");
const noSaveWord = asciiBytes("nosave");

export function reload({ args, reply, engine }: Context): void {
  const words = new Set<Uint8Array>();
  for (let index = 2; index < args.count; index++) words.add(wordOf(args, index));
  const { host } = engine;
  const isDone = host.persistence.reload({
    saves: !words.has(noSaveWord),
    flushes: !words.has(noFlushWord),
    merges: words.has(mergeWord),
  });
  if (!isDone) throw notReloaded;
  host.log("warning", "DB reloaded by DEBUG RELOAD");
  reply.ok();
}

export function loadAof({ reply, engine }: Context): void {
  const { host } = engine;
  if (!host.persistence.reloadAof()) throw aofNotReloaded;
  host.log("warning", "Append Only File loaded by DEBUG LOADAOF");
  reply.ok();
}

function wordOf(args: Slices, index: number): Uint8Array {
  const { bytes, offsets, lengths } = args;
  for (const word of [mergeWord, noFlushWord, noSaveWord]) {
    if (equalsWord(bytes, offsets[index], lengths[index], word)) return word;
  }
  throw unknownOption;
}
