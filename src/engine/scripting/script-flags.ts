// What a script or function says of itself: the flags behind `#!lua` in its first line, or given to
// `register_function`. A script without such a line runs as scripts always did ("compatibly"): it
// may write, and is asked at each command whether it still may.
import { asciiBytes } from "../../bytes/ascii.ts";
import { Slices } from "../../bytes/slices.ts";
import { Failure } from "../../keyspace/failure.ts";
import { splitInline } from "../../resp/inline.ts";
import { commandBit } from "../registered-command.ts";

/** As bits. */
export const scriptFlag = {
  noWrites: 1,
  allowOom: 2,
  allowStale: 4,
  noCluster: 8,
  allowCrossSlot: 16,
  /** It says nothing of itself. */
  compatible: 32,
} as const;

/** The names, in the order in which FUNCTION LIST shows them. */
export const scriptFlagNames: ReadonlyMap<string, number> = new Map([
  ["no-writes", scriptFlag.noWrites],
  ["allow-oom", scriptFlag.allowOom],
  ["allow-stale", scriptFlag.allowStale],
  ["no-cluster", scriptFlag.noCluster],
  ["allow-cross-slot-keys", scriptFlag.allowCrossSlot],
]);

const decidedBits =
  commandBit.stale | commandBit.denyOom | commandBit.write | commandBit.mayReplicate;

/** Bits of the command that runs a script of these flags, given the command's own. */
export function commandBitsOf(own: number, flags: number): number {
  if ((flags & scriptFlag.compatible) !== 0) return own;
  let bits = own & ~decidedBits;
  if ((flags & scriptFlag.noWrites) === 0) {
    bits |= commandBit.write;
    if ((flags & scriptFlag.allowOom) === 0) bits |= commandBit.denyOom;
  }
  if ((flags & scriptFlag.allowStale) !== 0) bits |= commandBit.stale;
  return bits;
}

/** The first line of a script or library, if it is a shebang. */
export interface Shebang {
  /** Latin-1, without the line end. */
  readonly words: readonly string[] | undefined;
  /** Where the rest begins: at the line end, so that line numbers stay. */
  readonly end: number;
}

/** The words are undefined when quotes are not closed; the whole is when the line does not end. */
export function parseShebang(source: string): Shebang | undefined {
  const end = source.indexOf("\n");
  if (end === -1) return undefined;
  const words = new Slices();
  const line = asciiBytes(source.slice(0, end));
  if (!splitInline(line, 0, end, words)) return { words: undefined, end };
  return {
    words: Array.from({ length: words.count }, (_, index) => words.latin1(index)),
    end,
  };
}

/** The flags of a script and where its code begins. Throws a Failure. */
export function readScriptHead(source: string): { readonly flags: number; readonly end: number } {
  if (!source.startsWith("#!")) return { flags: scriptFlag.compatible, end: 0 };
  const shebang = parseShebang(source);
  if (shebang === undefined) throw new Failure("ERR Invalid script shebang");
  const { words, end } = shebang;
  if (words === undefined) throw new Failure("ERR Invalid engine in script shebang");
  if (words[0] !== "#!lua") {
    throw new Failure(`ERR Unexpected engine in script shebang: ${words[0]}`);
  }
  let flags = 0;
  for (const word of words.slice(1)) {
    if (!word.startsWith("flags=")) throw new Failure(`ERR Unknown lua shebang option: ${word}`);
    if (word === "flags=") continue;
    for (const name of word.slice("flags=".length).split(",")) {
      const flag = scriptFlagNames.get(name);
      if (flag === undefined) {
        throw new Failure(`ERR Unexpected flag in script shebang: ${name}`);
      }
      flags |= flag;
    }
  }
  return { flags, end };
}
