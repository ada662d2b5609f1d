// Finds a command by the bytes of its name, whatever their case: open addressing over the names'
// hashes, so that a look-up makes no string. One table for the commands, one for each container's
// subcommands.
import { asciiBytes, equalsWord } from "../bytes/ascii.ts";
import type { RegisteredCommand } from "./registered-command.ts";

const noBytes: Uint8Array = new Uint8Array(0);

export class CommandTable {
  #slots: (RegisteredCommand | undefined)[] = [];
  #mask = 0;
  readonly #commands: RegisteredCommand[] = [];

  constructor(commands: readonly RegisteredCommand[]) {
    for (const each of commands) this.#append(each.nameBytes, each);
    this.#rebuild();
  }

  /** All commands, in the order in which they were added. */
  get all(): readonly RegisteredCommand[] {
    return this.#commands;
  }

  add(name: Uint8Array, command: RegisteredCommand): void {
    this.#append(name, command);
    this.#rebuild();
  }

  #append(name: Uint8Array, command: RegisteredCommand): void {
    this.#names.push(name);
    this.#commands.push(command);
  }

  /**
   * Gives a command another name, or none at all; the reason when there is no such command or the
   * name is taken.
   */
  rename(from: string, to: string): string | undefined {
    const name = asciiBytes(from.toLowerCase());
    const command = this.find(name, 0, name.length);
    if (command === undefined) return "No such command in rename-command";
    this.remove(command);
    if (to === "") return undefined;
    const target = asciiBytes(to.toLowerCase());
    if (this.find(target, 0, target.length) !== undefined) {
      return "Target command name already exists";
    }
    this.add(target, command);
    return undefined;
  }

  /** Takes a command out under its present name: `rename-command`. */
  remove(command: RegisteredCommand): void {
    const index = this.#commands.indexOf(command);
    if (index < 0) return;
    this.#commands.splice(index, 1);
    this.#names.splice(index, 1);
    this.#rebuild();
  }

  /** The command of the name, or undefined. */
  find(bytes: Uint8Array, offset: number, length: number): RegisteredCommand | undefined {
    let slot = hashName(bytes, offset, length) & this.#mask;
    for (;;) {
      const found = this.#slots[slot];
      if (found === undefined) return undefined;
      if (equalsWord(bytes, offset, length, this.#slotNames[slot])) return found;
      slot = (slot + 1) & this.#mask;
    }
  }

  readonly #names: Uint8Array[] = [];
  #slotNames: Uint8Array[] = [];

  #rebuild(): void {
    let size = 8;
    while (size < this.#commands.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#slots = Array.from({ length: size }, () => undefined);
    this.#slotNames = Array.from({ length: size }, () => noBytes);
    for (const [index, command] of this.#commands.entries()) {
      const name = this.#names[index];
      let slot = hashName(name, 0, name.length) & this.#mask;
      while (this.#slots[slot] !== undefined) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = command;
      this.#slotNames[slot] = name;
    }
  }
}

/**
 * Of the length and three bytes, with bit 5 set, which makes letters lower case. Few names share
 * all of these, and a name is compared with what its slot holds anyway.
 */
function hashName(bytes: Uint8Array, offset: number, length: number): number {
  const first = bytes[offset] | 0x20;
  const middle = bytes[offset + (length >> 1)] | 0x20;
  const last = bytes[offset + length - 1] | 0x20;
  return Math.imul((first << 16) ^ (middle << 8) ^ last ^ (length << 21), 0x9e3779b1) >>> 8;
}
