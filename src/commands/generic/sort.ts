import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { Slice } from "../../bytes/slices.ts";
import { permission } from "../../engine/access/key-pattern.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { FoundKeys } from "../../engine/key-finder.ts";
import type { KeySpec } from "../../engine/syntax.ts";
import {
  block,
  integer,
  key,
  manyTokens,
  oneOf,
  optional,
  pattern,
  token,
} from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { SortRequest } from "../../keyspace/sort.ts";
import { sortedElements, storeSorted } from "../../keyspace/sort.ts";
import { SortPattern } from "../../keyspace/sort-pattern.ts";

const byDenied = new Failure("ERR BY option of SORT denied due to insufficient ACL permissions.");
const getDenied = new Failure("ERR GET option of SORT denied due to insufficient ACL permissions.");
const starByte = 0x2a;
const ascWord = asciiBytes("asc");
const descWord = asciiBytes("desc");
const alphaWord = asciiBytes("alpha");
const limitWord = asciiBytes("limit");
const storeWord = asciiBytes("store");
const byWord = asciiBytes("by");
const getWord = asciiBytes("get");

const keySpec: KeySpec = {
  flags: ["RO", "ACCESS"],
  begin: { index: 1 },
  find: { lastKey: 0, step: 1, limit: 0 },
};
const patternSpec: KeySpec = {
  flags: ["RO", "ACCESS"],
  begin: "unknown",
  find: "unknown",
  notes: "Which keys BY and GET name depends on the elements of the sorted key.",
};
const storeSpec: KeySpec = {
  flags: ["OW", "UPDATE"],
  begin: "unknown",
  find: "unknown",
  notes: "STORE may stand anywhere among the options.",
};

const options = [
  optional(pattern("by-pattern", { token: "BY", display: "pattern" })),
  optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  optional(manyTokens(pattern("get-pattern", { token: "GET", display: "pattern" }))),
  optional(oneOf("order", [token("asc"), token("desc")])),
  optional(token("sorting", { token: "ALPHA" })),
] as const;

const shared = {
  group: "generic",
  complexity: "O(N+M*log(M)) to sort N elements of which M are replied; O(N) without sorting.",
  categories: ["set", "sortedset", "list", "dangerous"],
  isOutsideGroupCategory: true,
  optionsAt: 0,
} as const satisfies Partial<CommandDeclaration>;

export const sort = command({
  ...shared,
  name: "SORT",
  summary: "Sorts a list, a set or a sorted set, by its elements or by what belongs to them.",
  since: "1.0.0",
  flags: ["write", "denyoom"],
  words: [
    key("key", "RO access"),
    ...options,
    optional(key("destination", "OW update", { token: "STORE" })),
  ],
  keySpecs: [keySpec, patternSpec, storeSpec],
  findKeys: findSortKeys,

  run(context) {
    const words = parseWords(context, "storing");
    const texts = sortedTexts(context, words);
    if (words.store === 0) replyTexts(context, texts);
    else {
      storeSorted(
        context.db,
        context.args,
        words.store,
        texts.map((text) => text ?? noBytes),
      );
      context.reply.integer(texts.length);
    }
  },
});

export const sortRo = command({
  ...shared,
  name: "SORT_RO",
  summary: "Does what SORT does, but never stores the result.",
  since: "7.0.0",
  flags: ["readonly"],
  words: [key("key", "RO access"), ...options],
  keySpecs: [keySpec, patternSpec],
  findKeys: findReadOnlyKeys,

  run(context) {
    replyTexts(context, sortedTexts(context, parseWords(context, "reading")));
  },
});

const noBytes = new Uint8Array(0);

interface SortWords extends SortRequest {
  readonly gets: readonly SortPattern[];
  /** Index of the key that gets the result; 0: none. */
  readonly store: number;
}

/** The options in any order; of those that are given twice the last one counts, GET adds up. */
function parseWords({ args, session, engine }: Context, kind: "storing" | "reading"): SortWords {
  const gets: SortPattern[] = [];
  // Which keys a pattern names is not known beforehand: only who may read them all may use one.
  const readsEverything = (): boolean =>
    engine.current !== undefined &&
    engine.access.allowsEveryKey(session, engine.current, args, permission.read);
  const words = { isAlphabetic: false, isDescending: false, offset: 0, count: -1, store: 0, by: 0 };
  for (let index = 2; index < args.count; index++) {
    const left = args.count - index - 1;
    if (isArgument(args, index, ascWord)) words.isDescending = false;
    else if (isArgument(args, index, descWord)) words.isDescending = true;
    else if (isArgument(args, index, alphaWord)) words.isAlphabetic = true;
    else if (left >= 2 && isArgument(args, index, limitWord)) {
      words.offset = integerArgument(args, index + 1);
      words.count = integerArgument(args, index + 2);
      index += 2;
    } else if (left >= 1 && kind === "storing" && isArgument(args, index, storeWord)) {
      words.store = ++index;
    } else if (left >= 1 && isArgument(args, index, byWord)) {
      words.by = ++index;
      // A pattern without a star names no key, and only says that the order does not matter.
      if (args.copy(index).includes(starByte) && !readsEverything()) throw byDenied;
    } else if (left >= 1 && isArgument(args, index, getWord)) {
      if (!readsEverything()) throw getDenied;
      gets.push(new SortPattern(args.copy(++index)));
    } else throw syntaxError;
  }
  const by = words.by === 0 ? undefined : new SortPattern(args.copy(words.by));
  // A script must do the same everywhere, and a set has no order of its own.
  return { ...words, by, gets, isStored: words.store !== 0 || engine.scripting.isRunning };
}

/** What is replied or stored: the elements, or what the GET patterns name for each of them. */
function sortedTexts({ args, db }: Context, words: SortWords): (Uint8Array | undefined)[] {
  const elements = sortedElements(db, args, 1, words);
  if (words.gets.length === 0) return elements;
  return elements.flatMap((element) => words.gets.map((get) => textOf(db, get, element)));
}

function textOf(db: Database, get: SortPattern, element: Uint8Array): Uint8Array | undefined {
  const found = new Slice();
  return get.find(db, element, found) ? found.copy() : undefined;
}

function replyTexts({ reply }: Context, texts: readonly (Uint8Array | undefined)[]): void {
  reply.array(texts.length);
  for (const text of texts) {
    if (text === undefined) reply.nil();
    else reply.bulk(text, 0, text.length);
  }
}

const readAccess = ["RO", "ACCESS"];
const storeAccess = ["OW", "UPDATE"];

function findReadOnlyKeys(_args: Slices, found: FoundKeys): void {
  found.add(1, readAccess);
}

/** The key that is sorted and the last one behind a STORE; patterns may look like anything. */
function findSortKeys(args: Slices, found: FoundKeys): void {
  found.add(1, readAccess);
  let store = 0;
  for (let index = 2; index < args.count; index++) {
    if (isArgument(args, index, limitWord)) index += 2;
    else if (isArgument(args, index, getWord) || isArgument(args, index, byWord)) index++;
    else if (index + 1 < args.count && isArgument(args, index, storeWord)) store = index + 1;
  }
  if (store !== 0) found.add(store, storeAccess);
}
