// What COMMAND INFO and COMMAND DOCS say of a command, derived from its declaration. The shapes are
// those of addReplyCommandInfo and addReplyCommandDocs in Redis's src/server.c: flags, tips and key
// specifications are sets, documentation is a map.
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { CommandFlag } from "./command.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import type { KeySpec } from "./syntax.ts";
import type { Word } from "./word.ts";

/** In Redis's order. Flags that are not here are internal, and not shown. */
const shownFlags: readonly CommandFlag[] = [
  "write",
  "readonly",
  "denyoom",
  "module",
  "admin",
  "pubsub",
  "noscript",
  "blocking",
  "loading",
  "stale",
  "skip_monitor",
  "skip_slowlog",
  "asking",
  "fast",
  "no_auth",
  "no_mandatory_keys",
  "no_async_loading",
  "no_multi",
  "movablekeys",
  "allow_busy",
];

/** Flags of key specifications, which are in capitals there, as they are shown. */
const shownAccess = [
  "RO",
  "RW",
  "OW",
  "RM",
  "access",
  "update",
  "insert",
  "delete",
  "not_key",
  "incomplete",
  "variable_flags",
];

/** The ten elements of COMMAND INFO, with those of the subcommands in the last. */
export function replyCommandInfo(reply: ReplyWriter, command: RegisteredCommand): void {
  const { flags, legacyKeys, keySpecs, subcommands, declaration } = command;
  reply.array(10);
  reply.bulkLatin1(command.fullName);
  reply.integer(command.arity);
  simpleSet(
    reply,
    shownFlags.filter((flag) => flags.includes(flag)),
  );
  reply.integer(legacyKeys.firstKey);
  reply.integer(legacyKeys.lastKey);
  reply.integer(legacyKeys.step);
  simpleSet(
    reply,
    command.categories.map((name) => `@${name}`),
  );
  bulkSet(reply, declaration.tips ?? []);
  reply.set(keySpecs.length);
  for (const spec of keySpecs) replyKeySpec(reply, spec);
  if (subcommands.length === 0) reply.set(0);
  else reply.array(subcommands.length);
  for (const each of subcommands) replyCommandInfo(reply, each);
}

/** What is done with a key: flags of a key specification. */
export function replyKeyAccess(reply: ReplyWriter, access: readonly string[]): void {
  simpleSet(
    reply,
    shownAccess.filter((name) => access.includes(name.toUpperCase())),
  );
}

function replyKeySpec(reply: ReplyWriter, spec: KeySpec): void {
  reply.map(spec.notes === undefined ? 3 : 4);
  if (spec.notes !== undefined) bulkPair(reply, "notes", spec.notes);
  reply.bulkLatin1("flags");
  replyKeyAccess(reply, spec.flags);
  const { begin, find } = spec;
  reply.bulkLatin1("begin_search");
  if (begin === "unknown") {
    replySearch(reply, "unknown", {});
  } else if ("index" in begin) {
    replySearch(reply, "index", { index: begin.index });
  } else {
    replySearch(reply, "keyword", { keyword: begin.keyword, startfrom: begin.startFrom });
  }
  reply.bulkLatin1("find_keys");
  if (find === "unknown") {
    replySearch(reply, "unknown", {});
  } else if ("lastKey" in find) {
    const { lastKey, step, limit } = find;
    replySearch(reply, "range", { lastkey: lastKey, keystep: step, limit });
  } else {
    const { keyNumIndex, firstKey, step } = find;
    replySearch(reply, "keynum", { keynumidx: keyNumIndex, firstkey: firstKey, keystep: step });
  }
}

function replySearch(
  reply: ReplyWriter,
  type: string,
  spec: Readonly<Record<string, string | number>>,
): void {
  reply.map(2);
  bulkPair(reply, "type", type);
  reply.bulkLatin1("spec");
  const entries = Object.entries(spec);
  reply.map(entries.length);
  for (const [name, value] of entries) {
    reply.bulkLatin1(name);
    if (typeof value === "number") reply.integer(value);
    else reply.bulkLatin1(value);
  }
}

/** The map of COMMAND DOCS, with those of the subcommands in it. */
export function replyCommandDocs(reply: ReplyWriter, command: RegisteredCommand): void {
  const { declaration, subcommands, keySpecs } = command;
  const { complexity, deprecated, history = [], words } = declaration;
  const mark = reply.open();
  let count = 3;
  bulkPair(reply, "summary", declaration.summary);
  bulkPair(reply, "since", declaration.since);
  bulkPair(reply, "group", declaration.group);
  if (complexity !== "") {
    count++;
    bulkPair(reply, "complexity", complexity);
  }
  const docFlags = docFlagsOf(command);
  if (docFlags.length > 0) {
    count++;
    reply.bulkLatin1("doc_flags");
    simpleSet(reply, docFlags);
  }
  if (deprecated !== undefined) {
    count += 2;
    bulkPair(reply, "deprecated_since", deprecated.since);
    bulkPair(reply, "replaced_by", deprecated.replacedBy);
  }
  if (history.length > 0) {
    count++;
    replyHistory(reply, history);
  }
  if (words.length > 0) {
    count++;
    reply.bulkLatin1("arguments");
    new ArgumentWriter(reply, keySpecs.length).write(words);
  }
  if (subcommands.length > 0) {
    count++;
    reply.bulkLatin1("subcommands");
    reply.map(subcommands.length);
    for (const each of subcommands) {
      reply.bulkLatin1(each.fullName);
      replyCommandDocs(reply, each);
    }
  }
  reply.close(mark, "map", count);
}

function docFlagsOf({ declaration }: RegisteredCommand): string[] {
  const flags: string[] = [];
  if (declaration.deprecated !== undefined) flags.push("deprecated");
  if (declaration.isSystemCommand === true) flags.push("syscmd");
  return flags;
}

function replyHistory(reply: ReplyWriter, history: readonly (readonly [string, string])[]): void {
  reply.bulkLatin1("history");
  reply.set(history.length);
  for (const [since, change] of history) {
    reply.array(2);
    reply.bulkLatin1(since);
    reply.bulkText(change);
  }
}

/**
 * Writes words as the arguments of COMMAND DOCS, numbering the keys among them: the first belongs
 * to the first key specification, and so on; those beyond the last one share it, as the two keys of
 * LCS do.
 */
class ArgumentWriter {
  readonly #reply: ReplyWriter;
  readonly #lastSpec: number;
  #keyCount = 0;

  constructor(reply: ReplyWriter, specCount: number) {
    this.#reply = reply;
    this.#lastSpec = specCount - 1;
  }

  write(words: readonly Word[]): void {
    this.#reply.array(words.length);
    for (const word of words) this.#writeOne(word);
  }

  #writeOne(word: Word): void {
    const reply = this.#reply;
    const mark = reply.open();
    let count = 2;
    bulkPair(reply, "name", word.name);
    bulkPair(reply, "type", word.kind);
    const hasChildren = word.kind === "oneof" || word.kind === "block";
    if (!hasChildren) {
      count++;
      bulkPair(reply, "display_text", word.display ?? word.name);
    }
    const keySpec = this.#keySpecOf(word);
    if (keySpec >= 0) {
      count++;
      reply.bulkLatin1("key_spec_index");
      reply.integer(keySpec);
    }
    count += optionalPair(reply, "token", word.token);
    count += optionalPair(reply, "since", word.since);
    count += optionalPair(reply, "deprecated_since", word.deprecatedSince);
    const flags = argumentFlags(word);
    if (flags.length > 0) {
      count++;
      reply.bulkLatin1("flags");
      simpleSet(reply, flags);
    }
    if (hasChildren) {
      count++;
      reply.bulkLatin1("arguments");
      this.write(word.children ?? []);
    }
    reply.close(mark, "map", count);
  }

  #keySpecOf(word: Word): number {
    if (word.keySpec !== undefined) return word.keySpec;
    if (word.kind !== "key") return -1;
    return Math.min(this.#keyCount++, this.#lastSpec);
  }
}

function argumentFlags(word: Word): string[] {
  const flags: string[] = [];
  if (word.optional === true) flags.push("optional");
  if (word.many === true) flags.push("multiple");
  if (word.manyTokens === true) flags.push("multiple_token");
  return flags;
}

function simpleSet(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.simple(name);
}

function bulkSet(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.bulkLatin1(name);
}

function bulkPair(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkLatin1(name);
  reply.bulkText(value);
}

/** Returns how many pairs it wrote. */
function optionalPair(reply: ReplyWriter, name: string, value: string | undefined): number {
  if (value === undefined) return 0;
  bulkPair(reply, name, value);
  return 1;
}
