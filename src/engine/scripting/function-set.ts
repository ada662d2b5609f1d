// Libraries of functions and the functions in them. There is one set that is in force; others are
// made while a file is loaded or a dump restored, and take its place, or join it, as a whole.
import type { LuaFunction } from "../../lua/values.ts";

export interface LibraryFunction {
  readonly name: string;
  readonly description: string | undefined;
  /** Bits of `scriptFlag`. */
  readonly flags: number;
  readonly callback: LuaFunction;
}

export interface Library {
  readonly name: string;
  /** With its first line. */
  readonly code: Uint8Array;
  readonly functions: ReadonlyMap<string, LibraryFunction>;
}

/** Memory of a library and of a function besides their texts, roughly. */
const libraryBytes = 256;
const functionBytes = 160;

export class FunctionSet {
  readonly libraries = new Map<string, Library>();
  /** By names in lower case: FCALL does not mind the case. */
  readonly #functions = new Map<string, LibraryFunction>();
  #usedBytes = 0;

  get functionCount(): number {
    return this.#functions.size;
  }

  /** Memory that the texts take, in bytes. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get codes(): Uint8Array[] {
    return Array.from(this.libraries.values(), ({ code }) => code);
  }

  find(name: string): LibraryFunction | undefined {
    return this.#functions.get(name.toLowerCase());
  }

  /** The name of one of the library's functions that is taken already. */
  takenName(library: Library): string | undefined {
    for (const name of library.functions.keys()) {
      if (this.find(name) !== undefined) return name;
    }
    return undefined;
  }

  add(library: Library): void {
    this.libraries.set(library.name, library);
    for (const [name, each] of library.functions) this.#functions.set(name.toLowerCase(), each);
    this.#usedBytes += sizeOf(library);
  }

  remove(library: Library): void {
    this.libraries.delete(library.name);
    for (const name of library.functions.keys()) this.#functions.delete(name.toLowerCase());
    this.#usedBytes -= sizeOf(library);
  }

  /**
   * Adds all libraries of another set, or none; the reason when it could not. With `replaces`, in
   * place of libraries of the same names.
   */
  join(other: FunctionSet, { replaces }: { readonly replaces: boolean }): string | undefined {
    const replaced: Library[] = [];
    const undo = (reason: string): string => {
      for (const each of replaced) this.add(each);
      return reason;
    };
    for (const { name } of other.libraries.values()) {
      const old = this.libraries.get(name);
      if (old === undefined) continue;
      if (!replaces) return undo(`Library ${name} already exists`);
      this.remove(old);
      replaced.push(old);
    }
    for (const library of other.libraries.values()) {
      const taken = this.takenName(library);
      if (taken !== undefined) return undo(`Function ${taken} already exists`);
    }
    for (const library of other.libraries.values()) this.add(library);
    return undefined;
  }
}

function sizeOf({ name, code, functions }: Library): number {
  let size = libraryBytes + name.length + code.length;
  for (const each of functions.values()) {
    size += functionBytes + each.name.length + (each.description?.length ?? 0);
  }
  return size;
}
