// What a command is: one declaration, from which everything else about it is derived.
import type { Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Engine } from "./engine.ts";
import type { FoundKeys } from "./key-finder.ts";
import type { Options } from "./option-parser.ts";
import type { Session } from "./session.ts";
import type { KeySpec } from "./syntax.ts";
import type { OptionNames, Word } from "./word.ts";

/** Redis's command flags, as COMMAND INFO prints them. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "module"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "asking"
  | "fast"
  | "no_auth"
  | "may_replicate"
  | "sentinel"
  | "only_sentinel"
  | "no_mandatory_keys"
  | "no_async_loading"
  | "no_multi"
  | "movablekeys"
  | "allow_busy"
  | "protected";

export type CommandGroup =
  | "bitmap"
  | "cluster"
  | "connection"
  | "generic"
  | "geo"
  | "hash"
  | "hyperloglog"
  | "list"
  | "pubsub"
  | "scripting"
  | "sentinel"
  | "server"
  | "set"
  | "sorted-set"
  | "stream"
  | "string"
  | "transactions";

/**
 * What a handler works with. One object serves all commands; a handler that needs something later
 * keeps that, not this.
 */
export interface Context<Names extends string = string> {
  /** The request: argument 0 is the command's name. */
  args: Slices;
  /** Indexes of the options' values; 0 for those that are absent. */
  options: Options<Names>;
  db: Database;
  reply: ReplyWriter;
  session: Session;
  engine: Engine;
}

/** Everything that a command says of itself; defaults are derived. */
export interface CommandDeclaration<W extends readonly Word[] = readonly Word[]> {
  /** In capitals. A subcommand's own name only: `GET` of `CONFIG`. */
  readonly name: string;
  readonly summary: string;
  readonly since: string;
  readonly group: CommandGroup;
  readonly complexity: string;
  readonly flags: readonly CommandFlag[];
  readonly words: W;
  /** ACL categories beyond those that flags and group imply. */
  readonly categories?: readonly string[];
  /** The group's own category is not one of this command's. */
  readonly isOutsideGroupCategory?: true;
  readonly tips?: readonly string[];
  /** `[version, what changed]`, as COMMAND DOCS shows. */
  readonly history?: readonly (readonly [string, string])[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** Where words do not tell: the number that Redis reports. */
  readonly arity?: number;
  readonly keySpecs?: readonly KeySpec[];
  /**
   * Index of the first option, when it does not follow the required words; 0: the handler parses by
   * itself.
   */
  readonly optionsAt?: number;
  /**
   * Finds keys that key specifications cannot: all keys of a request, with what is done with each.
   */
  readonly findKeys?: (args: Slices, found: FoundKeys) => void;
  /**
   * Its arguments that are channels: the first one, all of them, or all of them as patterns. A user
   * may be denied some channels.
   */
  readonly channels?: "first" | "all" | "patterns";
  /** For the server's own use, not for applications: COMMAND DOCS says `syscmd`. */
  readonly isSystemCommand?: true;
  readonly run?: (context: Context<OptionNames<W>>) => void;
  /**
   * Asks whether the server is well: refused, like a write, when it cannot keep what it is given.
   */
  readonly isHealthCheck?: true;
  /**
   * How much a call takes shows in the length of its request or of its reply, so that it need not
   * be timed to be noticed; those with the flag `fast` or of complexity O(1) need not either.
   */
  readonly costShows?: true;
  /** Runs at once between MULTI and EXEC, instead of being queued. */
  readonly isNeverQueued?: true;
  /** Runs what the transaction has queued: refused like that, and then the transaction is over. */
  readonly runsTransaction?: true;
  /** Allowed to a RESP2 client that has subscribed. */
  readonly isForSubscribers?: true;
  /** Replies by messages, which CLIENT REPLY OFF does not silence. */
  readonly isMessaging?: true;
  /** The `commandBit`s of a request, given those of the command, where the request decides them. */
  readonly bitsOf?: (own: number, args: Slices, engine: Engine) => number;
  /** Indexes of the arguments of a request that MONITOR and SLOWLOG must not show. */
  readonly secretArguments?: (args: Slices, engine: Engine) => readonly number[];
  readonly subcommands?: readonly CommandDeclaration[];
}

/** Declares a command. The type of `words` decides which options its handler knows. */
export function command<const W extends readonly Word[]>(
  declaration: CommandDeclaration<W>,
): CommandDeclaration {
  return declaration;
}
