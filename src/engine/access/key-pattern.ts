// Patterns of the keys that a user may touch, and what the user may do with those that match.
//
// Most patterns are a prefix with a star behind it. Those are compared byte by byte, without the
// glob matcher: this runs for every key of every request of a restricted user.
import { asciiBytes } from "../../bytes/ascii.ts";
import { globMatches } from "../../bytes/glob.ts";

/** What may be done with a key, as bits of a set. */
export const permission = { none: 0, read: 1, write: 2, all: 3 } as const;

const star = 0x2a;
const question = 0x3f;
const openBracket = 0x5b;
const backslash = 0x5c;

export class KeyPattern {
  /** Latin-1. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Bits of `permission`. */
  readonly permissions: number;
  /** Length of the plain text before a final star, which is all there is; -1: there is more. */
  readonly prefixLength: number;

  constructor(text: string, permissions: number) {
    this.text = text;
    this.bytes = asciiBytes(text);
    this.permissions = permissions;
    this.prefixLength = plainPrefixLength(this.bytes);
  }

  /** As a rule of ACL SETUSER. */
  get rule(): string {
    if (this.permissions === permission.all) return `~${this.text}`;
    return `${this.permissions === permission.read ? "%R" : "%W"}~${this.text}`;
  }
}

function plainPrefixLength(pattern: Uint8Array): number {
  const length = pattern.length - 1;
  // Nothing before the star: the matcher knows that it does not match the empty key.
  if (length < 1 || pattern[length] !== star) return -1;
  for (let index = 0; index < length; index++) {
    const byte = pattern[index];
    if (byte === star || byte === question || byte === openBracket || byte === backslash) return -1;
  }
  return length;
}

/** Whether a key matches. */
export function matchesKey(
  pattern: KeyPattern,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { prefixLength } = pattern;
  const patternBytes = pattern.bytes;
  if (prefixLength < 0) {
    return globMatches(patternBytes, 0, patternBytes.length, bytes, offset, length, 0);
  }
  if (length < prefixLength) return false;
  for (let index = 0; index < prefixLength; index++) {
    if (patternBytes[index] !== bytes[offset + index]) return false;
  }
  return true;
}

/**
 * The permissions that a command needs for a key, from the flags of its key specification: to
 * learn something of the value is to read, everything else that Redis names is to write.
 */
export function neededPermissions(access: readonly string[]): number {
  let needed: number = permission.none;
  for (let index = 0; index < access.length; index++) {
    const flag = access[index];
    if (flag === "ACCESS") needed |= permission.read;
    else if (flag === "INSERT" || flag === "DELETE" || flag === "UPDATE") {
      needed |= permission.write;
    }
  }
  return needed;
}
