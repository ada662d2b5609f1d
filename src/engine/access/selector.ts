// A selector: one set of commands, keys and channels that a user may use together. Every user has a
// root selector; ACL SETUSER adds others in parentheses. A request is allowed when one selector
// allows all of it.
//
// Commands are a bitmap over `RegisteredCommand.id`. The rules that made it are kept as they were
// given, because a category may get new members: ACL LIST shows the rules, not the bits. The
// semantics are those of aclSelector in Redis's src/acl.c.
import { equalBytes, equalsWord } from "../../bytes/ascii.ts";
import { globMatches } from "../../bytes/glob.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import type { KeyPattern } from "./key-pattern.ts";
import { matchesKey } from "./key-pattern.ts";

/** A channel pattern; `text` is Latin-1. */
export interface ChannelPattern {
  readonly text: string;
  readonly bytes: Uint8Array;
}

export class Selector {
  readonly isRoot: boolean;
  allKeys = false;
  allChannels = false;
  /** Every command is allowed: the bitmap need not be asked. */
  allCommands = false;
  /** Began with all commands, so commands that come later would be allowed too. */
  isInclusive = false;
  readonly allowed: Uint32Array;
  /** Commands that are allowed only with one of these first arguments, in lower-case bytes. */
  readonly firstArguments = new Map<number, Uint8Array[]>();
  keyPatterns: KeyPattern[] = [];
  channels: ChannelPattern[] = [];
  /** Rules about commands, in the order in which they count, each with its sign. */
  commandRules: string[] = [];

  constructor(commandCount: number, isRoot: boolean) {
    this.isRoot = isRoot;
    // At least one bit is beyond the last command.
    this.allowed = new Uint32Array((commandCount >>> 5) + 1);
  }

  /** Whether it allows everything there is. */
  get isUnlimited(): boolean {
    return this.allKeys && this.allChannels && this.allCommands;
  }

  copy(): Selector {
    const copy = new Selector(this.allowed.length * 32 - 1, this.isRoot);
    copy.allKeys = this.allKeys;
    copy.allChannels = this.allChannels;
    copy.allCommands = this.allCommands;
    copy.isInclusive = this.isInclusive;
    copy.allowed.set(this.allowed);
    for (const [id, words] of this.firstArguments) copy.firstArguments.set(id, [...words]);
    copy.keyPatterns = [...this.keyPatterns];
    copy.channels = [...this.channels];
    copy.commandRules = [...this.commandRules];
    return copy;
  }

  allowCommand(id: number): void {
    this.allowed[id >>> 5] |= 1 << (id & 31);
  }

  denyCommand(id: number): void {
    this.allowed[id >>> 5] &= ~(1 << (id & 31));
    this.allCommands = false;
  }
}

/** Whether the selector allows a command; its keys and channels are another matter. */
export function allowsCommand(
  selector: Selector,
  command: RegisteredCommand,
  args: Slices,
): boolean {
  const { id } = command;
  if (selector.allCommands || (selector.allowed[id >>> 5] & (1 << (id & 31))) !== 0) return true;
  if (selector.firstArguments.size === 0 || args.count < 2) return false;
  const words = selector.firstArguments.get(id);
  if (words === undefined) return false;
  const index = command.container === undefined ? 1 : 2;
  return words.some((word) =>
    equalsWord(args.bytes, args.offsets[index], args.lengths[index], word),
  );
}

/** Whether the selector allows what `needed` (bits of `permission`) says to be done with a key. */
export function allowsKey(
  selector: Selector,
  bytes: Uint8Array,
  offset: number,
  length: number,
  needed: number,
): boolean {
  if (selector.allKeys) return true;
  const { keyPatterns } = selector;
  for (let index = 0; index < keyPatterns.length; index++) {
    const pattern = keyPatterns[index];
    if ((pattern.permissions & needed) !== needed) continue;
    if (matchesKey(pattern, bytes, offset, length)) return true;
  }
  return false;
}

/** Whether the selector allows it with every key there may be. */
export function allowsEveryKey(selector: Selector, needed: number): boolean {
  if (selector.allKeys) return true;
  return selector.keyPatterns.some(
    ({ text, permissions }) => text === "*" && (permissions & needed) === needed,
  );
}

/**
 * Whether one of the patterns allows a channel. The pattern of a PSUBSCRIBE is allowed only by one
 * that is the same to the letter.
 */
export function allowsChannel(
  channels: readonly ChannelPattern[],
  kind: "channel" | "pattern",
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  for (let index = 0; index < channels.length; index++) {
    const pattern = channels[index].bytes;
    const isAllowed =
      kind === "pattern"
        ? pattern.length === length && equalBytes(pattern, 0, bytes, offset, length)
        : globMatches(pattern, 0, pattern.length, bytes, offset, length, 0);
    if (isAllowed) return true;
  }
  return false;
}
