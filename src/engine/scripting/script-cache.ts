// The scripts that EVALSHA knows, by the SHA-1 of their text.
//
// EVAL leaves its script here, so that a client may go on with EVALSHA; of those only the latest
// are kept. What SCRIPT LOAD has brought stays until SCRIPT FLUSH. A request finds its script
// without a string being made: by a number out of the digest, or by the hash of the text.
import { equalBytes, latin1, lowerCase } from "../../bytes/ascii.ts";
import { sha1Hex } from "../../bytes/sha1.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import type { LuaFunction } from "../../lua/values.ts";
import type { ScriptCall } from "./script-run.ts";

export interface Script {
  readonly sha: string;
  readonly shaBytes: Uint8Array;
  readonly body: Uint8Array;
  readonly bodyHash: number;
  /** Bits of `scriptFlag`. */
  readonly flags: number;
  readonly main: LuaFunction;
  /** Came by EVAL, and may have to go. */
  readonly isTransient: boolean;
  /** Whether it can reach the global of that name. */
  readonly usesKeys: boolean;
  readonly usesArguments: boolean;
  /** How it is run by EVALSHA, and by EVALSHA_RO. */
  readonly call: ScriptCall;
  readonly readOnlyCall: ScriptCall;
}

export const digestLength = 40;
const transientScriptsMax = 500;
/** Memory of a script besides its text, roughly: digest, entries of tables. */
const scriptBytes = 256;
/** Digits of the digest that make its key. */
const keyDigits = 7;

export class ScriptCache {
  /** Scripts that were driven out by later ones. */
  evictedCount = 0;
  #textBytes = 0;
  readonly #byDigest = new Map<number, Script[]>();
  readonly #byText = new Map<number, Script[]>();
  /** In order of their last use. */
  readonly #transient = new Set<Script>();
  /** The last of those, if no script was added since. */
  #lastUsed: Script | undefined;
  #count = 0;
  readonly #keyspace: Keyspace;

  /** The keyspace lends its hash function. */
  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  get count(): number {
    return this.#count;
  }

  /** Memory that the scripts take, in bytes. */
  get usedBytes(): number {
    return this.#textBytes + this.#count * scriptBytes;
  }

  /** The script whose digest is the argument, in letters of any case. */
  findByDigest(args: Slices, index: number): Script | undefined {
    if (args.lengths[index] !== digestLength) return undefined;
    const { bytes } = args;
    const offset = args.offsets[index];
    const found = this.#byDigest.get(digestKey(bytes, offset));
    if (found === undefined) return undefined;
    for (let at = 0; at < found.length; at++) {
      if (isDigest(found[at].shaBytes, bytes, offset)) return found[at];
    }
    return undefined;
  }

  /** The script whose text is the argument. */
  findByText(args: Slices, index: number): Script | undefined {
    const { bytes } = args;
    const offset = args.offsets[index];
    const length = args.lengths[index];
    const found = this.#byText.get(this.#keyspace.hash(bytes, offset, length));
    if (found === undefined) return undefined;
    for (let at = 0; at < found.length; at++) {
      const { body } = found[at];
      if (body.length === length && equalBytes(body, 0, bytes, offset, length)) return found[at];
    }
    return undefined;
  }

  /** `source` is the text of the body. */
  add(
    body: Uint8Array,
    source: string,
    script: Pick<Script, "flags" | "main" | "isTransient">,
  ): Script {
    const sha = sha1Hex(body);
    const shaBytes = Uint8Array.from(sha, (digit) => digit.charCodeAt(0));
    const bodyHash = this.#keyspace.hash(body, 0, body.length);
    const call: ScriptCall = { name: sha, isEval: true, isReadOnly: false, flags: script.flags };
    const readOnlyCall: ScriptCall = { ...call, isReadOnly: true };
    const usesKeys = mayName(source, "KEYS");
    const usesArguments = mayName(source, "ARGV");
    const uses = { usesKeys, usesArguments };
    const added: Script = { ...script, ...uses, sha, shaBytes, body, bodyHash, call, readOnlyCall };
    if (added.isTransient) {
      while (this.#transient.size >= transientScriptsMax) this.#evictOldest();
      this.#transient.add(added);
      this.#lastUsed = undefined;
    }
    addTo(this.#byDigest, digestKey(shaBytes, 0), added);
    addTo(this.#byText, bodyHash, added);
    this.#textBytes += body.length;
    this.#count++;
    return added;
  }

  /** The script has run: it is the last to go. */
  used(script: Script): void {
    if (!script.isTransient || script === this.#lastUsed) return;
    this.#lastUsed = script;
    if (this.#transient.delete(script)) this.#transient.add(script);
  }

  clear(): void {
    this.#byDigest.clear();
    this.#byText.clear();
    this.#transient.clear();
    this.#lastUsed = undefined;
    this.#count = 0;
    this.#textBytes = 0;
  }

  #evictOldest(): void {
    for (const oldest of this.#transient) {
      this.#transient.delete(oldest);
      removeFrom(this.#byDigest, digestKey(oldest.shaBytes, 0), oldest);
      removeFrom(this.#byText, oldest.bodyHash, oldest);
      this.#textBytes -= oldest.body.length;
      this.#count--;
      this.evictedCount++;
      return;
    }
  }
}

function addTo(map: Map<number, Script[]>, key: number, script: Script): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [script]);
  else there.push(script);
}

function removeFrom(map: Map<number, Script[]>, key: number, script: Script): void {
  const left = (map.get(key) ?? []).filter((each) => each !== script);
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}

/** A number out of the first digits; what is no hexadecimal digit makes one that fits none. */
function digestKey(bytes: Uint8Array, offset: number): number {
  let key = 0;
  for (let index = 0; index < keyDigits; index++) {
    const byte = lowerCase[bytes[offset + index]];
    key = (key << 4) | ((byte & 15) + (byte >>> 6) * 9);
  }
  return key;
}

function isDigest(sha: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  for (let index = 0; index < digestLength; index++) {
    if (lowerCase[bytes[offset + index]] !== sha[index]) return false;
  }
  return true;
}

/** Whether a script speaks of a global, or has a way to globals that it does not name. */
function mayName(source: string, name: string): boolean {
  return source.includes(name) || /_G|env|load/.test(source);
}

/** The text of a script as Lua wants it. */
export function sourceOf(body: Uint8Array): string {
  return latin1(body, 0, body.length);
}
