// Finds a command by the bytes of its name, whatever their case: open addressing over the names'
// hashes, so that a look-up makes no string. One table for the commands, one for each container's
// subcommands.
import { asciiBytes, equalsWord } from "../bytes/ascii.ts";
import { viewOf } from "../bytes/viewed.ts";
import type { RegisteredCommand } from "./registered-command.ts";

const lowerBits = 0x20202020;

interface Slot {
  readonly command: RegisteredCommand;
  readonly name: Uint8Array;
  readonly length: number;
  /** The first and the last four letters of the name. */
  readonly first: number;
  readonly last: number;
  /** These are all of the name, and leave no doubt of it. */
  readonly isWhole: boolean;
}

export class CommandTable {
  #slots: (Slot | undefined)[] = [];
  #mask = 0;
  readonly #commands: RegisteredCommand[] = [];
  /** Their names here, in lower case. */
  readonly #names: Uint8Array[] = [];

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
    const first = lowerWord(bytes, offset, length);
    const last = length > 4 ? lowerWord(bytes, offset + length - 4, 4) : first;
    let index = hashName(first, last, length) & this.#mask;
    for (;;) {
      const slot = this.#slots[index];
      if (slot === undefined) return undefined;
      if (slot.first === first && slot.last === last && slot.length === length) {
        if (slot.isWhole || equalsWord(bytes, offset, length, slot.name)) return slot.command;
      }
      index = (index + 1) & this.#mask;
    }
  }

  #rebuild(): void {
    let size = 8;
    while (size < this.#commands.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#slots = Array.from({ length: size }, () => undefined);
    for (const [index, command] of this.#commands.entries())
      this.#place(this.#names[index], command);
  }

  #place(name: Uint8Array, command: RegisteredCommand): void {
    const { length } = name;
    const first = lowerWord(name, 0, length);
    const last = length > 4 ? lowerWord(name, length - 4, 4) : first;
    const isWhole = length <= 8 && name.every(isLetter);
    let index = hashName(first, last, length) & this.#mask;
    while (this.#slots[index] !== undefined) index = (index + 1) & this.#mask;
    this.#slots[index] = { command, name, length, first, last, isWhole };
  }
}

/**
 * Up to four bytes as a word, with bit 5 of each set, which makes letters lower case: then only the
 * two cases of a letter are that letter. Other bytes become one another.
 */
function lowerWord(bytes: Uint8Array, offset: number, length: number): number {
  const view = viewOf(bytes);
  if (view !== undefined && length >= 3 && offset + 4 <= bytes.length) {
    const word = view.getInt32(offset, true);
    return (length === 3 ? word & 0xffffff : word) | lowerBits;
  }
  let word = 0;
  for (let index = Math.min(length, 4) - 1; index >= 0; index--) {
    word = (word << 8) | bytes[offset + index];
  }
  return word | lowerBits;
}

function isLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function hashName(first: number, last: number, length: number): number {
  return Math.imul(first ^ (last << 3) ^ length, 0x9e3779b1) >>> 16;
}
