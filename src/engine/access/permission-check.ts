// Whether a user may run a request: the command, each key with what is done to it, each channel.
//
// This runs for every request of a restricted user, so it allocates nothing: what commands declare
// of their keys is laid out in arrays by `RegisteredCommand.id`, and the common shape, a range of
// arguments, is walked without the key finder.
import type { Slices } from "../../bytes/slices.ts";
import type { CommandDeclaration } from "../command.ts";
import { FoundKeys, findKeys, findsOwnKeys, hasKeys } from "../key-finder.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import { commandBit } from "../registered-command.ts";
import { neededPermissions } from "./key-pattern.ts";
import type { Selector } from "./selector.ts";
import { allowsChannel, allowsCommand, allowsEveryKey, allowsKey } from "./selector.ts";
import type { User } from "./user.ts";

/** The answers, each one worse than those before it: the worst of all selectors is told. */
export const verdict = { allowed: 0, command: 1, key: 2, channel: 3 } as const;

/** How the keys of a command are found. */
const keyShape = { none: 0, range: 1, own: 2, bySpecs: 3 } as const;

type KeyFinder = NonNullable<CommandDeclaration["findKeys"]>;

export class PermissionCheck {
  /** After a refusal: index of the argument that was refused, 0 for the command itself. */
  deniedIndex = 0;
  readonly #shapes: Uint8Array;
  readonly #firsts: Int32Array;
  /** Relative to the first when positive, else to the end of the request. */
  readonly #lasts: Int32Array;
  readonly #steps: Int32Array;
  /** Permissions that a range of keys needs. */
  readonly #needed: Uint8Array;
  readonly #finders: (KeyFinder | undefined)[];
  readonly #channels: CommandDeclaration["channels"][];
  readonly #found = new FoundKeys();

  constructor(registered: readonly RegisteredCommand[]) {
    const { length } = registered;
    this.#shapes = new Uint8Array(length);
    this.#firsts = new Int32Array(length);
    this.#lasts = new Int32Array(length);
    this.#steps = new Int32Array(length);
    this.#needed = new Uint8Array(length);
    this.#finders = registered.map(({ declaration }) => declaration.findKeys);
    this.#channels = registered.map(({ declaration }) => declaration.channels);
    for (const each of registered) this.#layOut(each);
  }

  #layOut(command: RegisteredCommand): void {
    const { id, keySpecs } = command;
    if (!hasKeys(command)) return;
    const [spec] = keySpecs;
    if (findsOwnKeys(command)) {
      this.#shapes[id] = keyShape.own;
    } else if (keySpecs.length === 1 && command.declaration.findKeys === undefined) {
      const { begin, find, flags } = spec;
      const isRange = typeof begin === "object" && "index" in begin && typeof find === "object";
      if (!isRange || !("lastKey" in find) || flags.includes("INCOMPLETE") || find.limit !== 0) {
        this.#shapes[id] = keyShape.bySpecs;
        return;
      }
      this.#shapes[id] = keyShape.range;
      this.#firsts[id] = begin.index;
      this.#lasts[id] = find.lastKey;
      this.#steps[id] = find.step;
      this.#needed[id] = neededPermissions(flags);
    } else {
      this.#shapes[id] = keyShape.bySpecs;
    }
  }

  /** The verdict (of `verdict`) on a request, whose number of arguments has been checked. */
  check(user: User, command: RegisteredCommand, args: Slices): number {
    const { selectors } = user;
    let worst: number = verdict.allowed;
    let worstIndex = 0;
    for (let index = 0; index < selectors.length; index++) {
      const answer = this.#checkSelector(selectors[index], command, args);
      if (answer === verdict.allowed) return verdict.allowed;
      if (answer > worst || (answer === worst && this.deniedIndex > worstIndex)) {
        worst = answer;
        worstIndex = this.deniedIndex;
      }
    }
    this.deniedIndex = worstIndex;
    return worst;
  }

  /** Whether the user may run the request and do what `needed` says with every key there may be. */
  allowsEveryKey(user: User, command: RegisteredCommand, args: Slices, needed: number): boolean {
    return user.selectors.some(
      (each) =>
        this.#checkSelector(each, command, args) === verdict.allowed &&
        allowsEveryKey(each, needed),
    );
  }

  #checkSelector(selector: Selector, command: RegisteredCommand, args: Slices): number {
    const { id } = command;
    if (!allowsCommand(selector, command, args) && !command.has(commandBit.noAuth)) {
      this.deniedIndex = 0;
      return verdict.command;
    }
    const shape = this.#shapes[id];
    if (!selector.allKeys && shape !== keyShape.none) {
      const isAllowed =
        shape === keyShape.range
          ? this.#allowsRange(selector, id, args)
          : this.#allowsFound(selector, command, args);
      if (!isAllowed) return verdict.key;
    }
    if (!selector.allChannels && this.#channels[id] !== undefined) {
      if (!this.#allowsChannels(selector, this.#channels[id], args)) return verdict.channel;
    }
    return verdict.allowed;
  }

  #allowsRange(selector: Selector, id: number, args: Slices): boolean {
    const first = this.#firsts[id];
    const fromLast = this.#lasts[id];
    const last = fromLast >= 0 ? first + fromLast : args.count + fromLast;
    // Such a request names no keys that anybody can find.
    if (last >= args.count) return true;
    const step = this.#steps[id];
    const needed = this.#needed[id];
    for (let index = first; index <= last; index += step) {
      if (allowsKey(selector, args.bytes, args.offsets[index], args.lengths[index], needed)) {
        continue;
      }
      this.deniedIndex = index;
      return false;
    }
    return true;
  }

  #allowsFound(selector: Selector, command: RegisteredCommand, args: Slices): boolean {
    const found = this.#found;
    const finder = this.#finders[command.id];
    if (this.#shapes[command.id] === keyShape.own && finder !== undefined) {
      found.clear();
      finder(args, found);
    } else {
      findKeys(command, args, found);
    }
    for (let at = 0; at < found.count; at++) {
      const index = found.indexes[at];
      const needed = neededPermissions(found.access[at]);
      if (allowsKey(selector, args.bytes, args.offsets[index], args.lengths[index], needed)) {
        continue;
      }
      this.deniedIndex = index;
      return false;
    }
    return true;
  }

  #allowsChannels(
    selector: Selector,
    which: NonNullable<CommandDeclaration["channels"]>,
    args: Slices,
  ): boolean {
    const { bytes, offsets, lengths } = args;
    const end = which === "first" ? 2 : args.count;
    const kind = which === "patterns" ? "pattern" : "channel";
    for (let index = 1; index < end; index++) {
      if (allowsChannel(selector.channels, kind, bytes, offsets[index], lengths[index])) continue;
      this.deniedIndex = index;
      return false;
    }
    return true;
  }
}
