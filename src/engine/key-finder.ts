// Where the keys of a request are, and what the command does with each of them: from the command's
// key specifications, or from its own `findKeys` where these cannot tell (a key behind an option,
// access that depends on one). COMMAND GETKEYS shows it.
//
// The rules for specifications, their order and their errors are those of
// getKeysFromCommandWithSpecs in Redis's src/db.c.
import { lowerCase } from "../bytes/ascii.ts";
import { parseInteger } from "../bytes/integer.ts";
import type { Slices } from "../bytes/slices.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import type { KeySpec } from "./syntax.ts";

/**
 * Indexes of the arguments that are keys. Made once and used for many requests, so that looking for
 * keys allocates nothing.
 */
export class FoundKeys {
  /** How many were found: the arrays may be longer. */
  count = 0;
  readonly indexes: number[] = [];
  /** For each key the flags of a key specification, in capitals: `RW`, `ACCESS`... */
  readonly access: (readonly string[])[] = [];

  add(index: number, access: readonly string[]): void {
    this.indexes[this.count] = index;
    this.access[this.count] = access;
    this.count++;
  }

  clear(): void {
    this.count = 0;
    if (this.indexes.length <= keptKeysMax) return;
    this.indexes.length = 0;
    this.access.length = 0;
  }
}

/** A request of more keys than this leaves no memory of them behind. */
const keptKeysMax = 4096;

/** Whether requests of the command may have keys at all. */
export function hasKeys(command: RegisteredCommand): boolean {
  return command.declaration.findKeys !== undefined || command.keySpecs.some(isOfKeys);
}

/**
 * Puts the keys of a request into `found`; none when the command has none, or when the request's
 * syntax does not say where they are. The number of arguments has been checked.
 */
export function findKeys(command: RegisteredCommand, args: Slices, found: FoundKeys): void {
  found.clear();
  const { keySpecs, declaration } = command;
  if (!findsOwnKeys(command) && findBySpecs(keySpecs, args, found)) return;
  found.clear();
  declaration.findKeys?.(args, found);
}

/** Whether the command's `findKeys` is asked whatever its key specifications say. */
export function findsOwnKeys({ declaration, keySpecs }: RegisteredCommand): boolean {
  return declaration.findKeys !== undefined && keySpecs.some(hasVariableAccess);
}

/**
 * Some specifications are of arguments that are treated like keys in a cluster but name none:
 * SPUBLISH's channel.
 */
function isOfKeys(spec: KeySpec): boolean {
  return !spec.flags.includes("NOT_KEY");
}

/**
 * What is done with the key depends on the request, so `findKeys` is asked first, where there is
 * one.
 */
function hasVariableAccess(spec: KeySpec): boolean {
  return spec.flags.includes("VARIABLE_FLAGS");
}

/** False when a specification does not fit the request, or does not find all of its keys. */
function findBySpecs(specs: readonly KeySpec[], args: Slices, found: FoundKeys): boolean {
  for (const spec of specs) {
    if (!isOfKeys(spec)) continue;
    const begin = beginOf(spec, args);
    if (begin === keywordAbsent) continue;
    if (begin === unspecified || !findFrom(spec, begin, args, found)) return false;
    if (spec.flags.includes("INCOMPLETE")) return false;
  }
  return true;
}

const keywordAbsent = 0;
const unspecified = -1;

/** Index of the argument where the specification's search begins. */
function beginOf(spec: KeySpec, args: Slices): number {
  const { begin } = spec;
  if (begin === "unknown") return unspecified;
  if ("index" in begin) return begin.index;
  // A negative start counts from the end, and the search goes back from there.
  const isForward = begin.startFrom > 0;
  let index = isForward ? begin.startFrom : args.count + begin.startFrom;
  while (index >= 1 && index < args.count) {
    if (isKeyword(args, index, begin.keyword)) return index + 1;
    index += isForward ? 1 : -1;
  }
  return keywordAbsent;
}

/** Whether the argument is the keyword, which is in capitals, in any case. */
function isKeyword(args: Slices, index: number, keyword: string): boolean {
  if (args.lengths[index] !== keyword.length) return false;
  const offset = args.offsets[index];
  for (let each = 0; each < keyword.length; each++) {
    const expected = lowerCase[keyword.charCodeAt(each)];
    if (lowerCase[args.bytes[offset + each]] !== expected) return false;
  }
  return true;
}

function findFrom(spec: KeySpec, begin: number, args: Slices, found: FoundKeys): boolean {
  const { find } = spec;
  if (find === "unknown") return false;
  let first = begin;
  let last: number;
  if ("lastKey" in find) {
    last = find.lastKey;
    if (last >= 0) last += first;
    else if (find.limit === 0) last += args.count;
    else last += first + Math.trunc((args.count - first) / find.limit);
  } else {
    const countIndex = begin + find.keyNumIndex;
    if (countIndex >= args.count) return false;
    const count = parseInteger(args.bytes, args.offsets[countIndex], args.lengths[countIndex]);
    first += find.firstKey;
    last = first + count - 1;
  }
  // Written so that a count that is no number (NaN) is refused too.
  if (!(last < args.count && last >= first)) return false;
  for (let index = first; index <= last; index += find.step) found.add(index, spec.flags);
  return true;
}
