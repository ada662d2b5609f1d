// A command as the server runs it: its declaration, what was derived from it, and its statistics in
// this server.
import { asciiBytes } from "../bytes/ascii.ts";
import { Failure } from "../keyspace/failure.ts";
import { aclCategories } from "./acl-category.ts";
import type { Slices } from "../bytes/slices.ts";
import type { CommandDeclaration, CommandFlag, Context } from "./command.ts";
import { CommandTable } from "./command-table.ts";
import type { Engine } from "./engine.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";
import { OptionParser } from "./option-parser.ts";
import type { KeySpec, LegacyKeyRange } from "./syntax.ts";
import { arityOf, keySpecsOf, legacyKeyRange } from "./syntax.ts";

/** Flags that `execute` tests, as bits. */
export const commandBit = {
  write: 1,
  denyOom: 2,
  noAuth: 4,
  loading: 8,
  stale: 16,
  noScript: 32,
  noMulti: 64,
  fast: 128,
  skipMonitor: 256,
  skipSlowlog: 512,
  mayReplicate: 1024,
  allowBusy: 2048,
  protected: 4096,
  admin: 8192,
  readOnly: 16384,
  noAsyncLoading: 32768,
} as const;

const bitOfFlag: Partial<Record<CommandFlag, number>> = {
  write: commandBit.write,
  readonly: commandBit.readOnly,
  no_async_loading: commandBit.noAsyncLoading,
  denyoom: commandBit.denyOom,
  no_auth: commandBit.noAuth,
  loading: commandBit.loading,
  stale: commandBit.stale,
  noscript: commandBit.noScript,
  no_multi: commandBit.noMulti,
  fast: commandBit.fast,
  skip_monitor: commandBit.skipMonitor,
  skip_slowlog: commandBit.skipSlowlog,
  may_replicate: commandBit.mayReplicate,
  allow_busy: commandBit.allowBusy,
  protected: commandBit.protected,
  admin: commandBit.admin,
};

export class RegisteredCommand {
  readonly declaration: CommandDeclaration;
  /** In lower case, a subcommand with its container: `config|get`. */
  readonly fullName: string;
  /** The name alone, in lower-case bytes: what requests are matched with. */
  readonly nameBytes: Uint8Array;
  readonly container: RegisteredCommand | undefined;
  readonly subcommands: RegisteredCommand[];
  /** The subcommands by name. */
  readonly subtable: CommandTable;
  readonly arity: number;
  readonly bits: number;
  readonly keySpecs: readonly KeySpec[];
  readonly legacyKeys: LegacyKeyRange;
  /** The declared ones, and `movablekeys` when the key specifications imply it. */
  readonly flags: readonly CommandFlag[];
  readonly categories: readonly string[];
  readonly run: (context: Context) => void;
  readonly options: OptionParser;
  /**
   * Requests with this many arguments at most have no options; 0 when there are never any to parse.
   */
  readonly optionsAt: number;
  readonly wrongArity: Failure;
  /** Takes a short time, or shows that it took longer: need not be timed each time. */
  readonly isCheap: boolean;
  /** Position among all commands, for tables with an entry a command. */
  id = -1;

  calls = 0;
  microseconds = 0;
  rejectedCalls = 0;
  failedCalls = 0;
  /** How long the calls took; undefined until one is tracked. */
  histogram: LatencyHistogram | undefined;
  /** Calls that are not in the histogram, though it may stand for all others. */
  untrackedCalls = 0;

  constructor(declaration: CommandDeclaration, container?: RegisteredCommand) {
    this.declaration = declaration;
    this.container = container;
    const name = declaration.name.toLowerCase();
    this.nameBytes = asciiBytes(name);
    this.fullName = container === undefined ? name : `${container.fullName}|${name}`;
    const nameWords = container === undefined ? 1 : 2;
    const isContainer = declaration.subcommands !== undefined;
    const derivedArity = isContainer ? -2 : arityOf(declaration.words, nameWords);
    this.arity = declaration.arity ?? derivedArity;
    this.keySpecs = declaration.keySpecs ?? keySpecsOf(declaration.words, nameWords);
    this.legacyKeys = legacyKeyRange(this.keySpecs);
    this.flags = this.legacyKeys.isMovable
      ? [...declaration.flags, "movablekeys"]
      : declaration.flags;
    this.bits = declaration.flags.reduce((bits, flag) => bits | (bitOfFlag[flag] ?? 0), 0);
    this.categories = aclCategories(declaration);
    this.options = new OptionParser(declaration.words);
    this.optionsAt = this.options.isEmpty ? 0 : (declaration.optionsAt ?? Math.abs(derivedArity));
    const isQuick = declaration.flags.includes("fast") || /^O\(1\)$/.test(declaration.complexity);
    this.isCheap = isQuick || declaration.costShows === true;
    this.wrongArity = new Failure(`ERR wrong number of arguments for '${this.fullName}' command`);
    this.run = declaration.run ?? runNothing;
    this.subcommands = (declaration.subcommands ?? []).map(
      (each) => new RegisteredCommand(each, this),
    );
    this.subtable = new CommandTable(this.subcommands);
  }

  /** The bits that hold for a request: a script may say of itself what its command leaves open. */
  bitsFor(args: Slices, engine: Engine): number {
    return this.declaration.bitsOf?.(this.bits, args, engine) ?? this.bits;
  }

  has(bit: number): boolean {
    return (this.bits & bit) !== 0;
  }

  acceptsCount(count: number): boolean {
    return this.arity > 0 ? count === this.arity : count >= -this.arity;
  }

  resetStatistics(): void {
    this.calls = 0;
    this.microseconds = 0;
    this.rejectedCalls = 0;
    this.failedCalls = 0;
    this.histogram = undefined;
    this.untrackedCalls = 0;
  }
}

function runNothing(): void {
  throw new Error("a container has no handler of its own");
}
