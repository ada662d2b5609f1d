// Lua's table: an array part for the keys 1 to n and a hash part in order of insertion.
//
//   items   [ unused | value of 1 | value of 2 | ... | value of n ]
//   keys    [ key | key | key | ... ]      values of the same index in `values`; a value of
//   values  [ value | nil | value | ... ]  undefined is a key that was removed
//   index   Map from key to its place in `keys`, from nine keys on
//
// A removed key keeps its place until keys are added, so that a traversal may assign nil, or
// anything to fields that exist. The key n + 1 is never in the hash part.

import { countAllocation } from "./machine.ts";

/** Up to this many keys are looked for one after another. */
const scannedKeysMax = 8;

/** What an entry of the array part, and of the hash part, is taken to cost. */
const itemSize = 8;
const entrySize = 40;
const tableSize = 64;

/** Cursors of `advance` from here on are in the hash part. */
const hashCursor = 0x4000_0000;

/** Shared by all tables that have no entries of the kind; never written. */
const nothing: unknown[] = [];

/** Names of fields, all different, which tables share; neither list is ever written. */
export interface FieldNames {
  readonly keys: unknown[];
  readonly index: Map<unknown, number> | null;
}

export class LuaTable {
  metatable: LuaTable | null = null;
  /** Whether it takes an assignment as it comes: neither read-only nor with a metatable. */
  isPlain = true;
  #isReadonly = false;
  #items = nothing;
  /** Whether a value among the items may be nil. */
  #hasHoles = false;
  /** How many items Lua itself would have room for; decides the border of an array with holes. */
  #room = 0;
  #keys = nothing;
  #values = nothing;
  #index: Map<unknown, number> | null = null;
  /** Whether `keys` and `index` belong to others as well. */
  #sharesKeys = false;
  #numberKeyCount = 0;
  #removedCount = 0;

  /** Assignments to a read-only table fail; `set` and its like still work. */
  get isReadonly(): boolean {
    return this.#isReadonly;
  }

  set isReadonly(value: boolean) {
    this.#isReadonly = value;
    this.isPlain = !value && this.metatable === null;
  }

  setMetatable(metatable: LuaTable | null): void {
    this.metatable = metatable;
    this.isPlain = metatable === null && !this.#isReadonly;
  }

  /** A table of `items[1]` and on, which it keeps; `items[0]` is unused. */
  static fromItems(items: unknown[]): LuaTable {
    const table = new LuaTable();
    table.#takeItems(items);
    return table;
  }

  /** Adds the positional items of a constructor, `items[1]` and on, to keyed ones. */
  addItems(items: unknown[]): void {
    if (this.#items === nothing && this.#numberKeyCount === 0) {
      this.#takeItems(items);
      return;
    }
    for (let at = 1; at < items.length; at++) this.setNumber(at, items[at]);
  }

  /** Takes over the items of a table that has none yet. */
  #takeItems(items: unknown[]): void {
    const count = items.length - 1;
    if (count === 0) return;
    this.#items = items;
    this.#room = count;
    countAllocation(tableSize + count * itemSize);
    for (let at = 1; at <= count; at++) {
      if (items[at] === undefined) {
        this.#hasHoles = true;
        break;
      }
    }
  }

  /** A table of distinct string keys and their values, both of which it keeps. */
  static fromFields(keys: unknown[], values: unknown[]): LuaTable {
    const table = new LuaTable();
    table.#keys = keys;
    table.#values = values;
    countAllocation(tableSize + keys.length * entrySize);
    if (keys.length > scannedKeysMax) table.#makeIndex();
    return table;
  }

  /** Names for `fromNames`, which keeps the list; undefined if two are the same. */
  static makeNames(keys: string[]): FieldNames | undefined {
    if (keys.length <= scannedKeysMax) {
      for (let at = 1; at < keys.length; at++) {
        if (keys.indexOf(keys[at]) < at) return undefined;
      }
      return { keys, index: null };
    }
    const index = indexOf(keys);
    return index.size === keys.length ? { keys, index } : undefined;
  }

  /** A table of names and their values, which it keeps. */
  static fromNames({ keys, index }: FieldNames, values: unknown[]): LuaTable {
    const table = new LuaTable();
    table.#keys = keys;
    table.#index = index;
    table.#sharesKeys = true;
    table.#values = values;
    countAllocation(tableSize + keys.length * entrySize);
    return table;
  }

  get(key: unknown): unknown {
    if (typeof key === "number") return this.getNumber(key);
    return this.getString(key);
  }

  getNumber(key: number): unknown {
    const items = this.#items;
    // An integer this small is an array index to the host.
    const at = key | 0;
    if (at === key && at > 0 && at < items.length) return items[at];
    return this.#numberKeyCount === 0 ? undefined : this.getString(key);
  }

  /** The value of a key that is not a number. */
  getString(key: unknown): unknown {
    const index = this.#index;
    if (index !== null) {
      const at = index.get(key);
      return at === undefined ? undefined : this.#values[at];
    }
    const keys = this.#keys;
    for (let at = 0; at < keys.length; at++) {
      if (keys[at] === key) return this.#values[at];
    }
    return undefined;
  }

  /**
   * The same for a place in the code that looks for one key again and again: `hints[at]` says where
   * that was found the last time.
   */
  getHinted(key: string, hints: Int32Array, at: number): unknown {
    const hint = hints[at];
    const keys = this.#keys;
    if (hint < keys.length && keys[hint] === key) return this.#values[hint];
    const found = this.#findEntry(key);
    if (found === -1) return undefined;
    hints[at] = found;
    return this.#values[found];
  }

  /** `key` is neither nil nor NaN. */
  set(key: unknown, value: unknown): void {
    if (typeof key === "number") this.setNumber(key, value);
    else this.setString(key, value);
  }

  setNumber(key: number, value: unknown): void {
    const items = this.#items;
    const at = key | 0;
    if (at === key && at > 0) {
      if (at < items.length) {
        if (value === undefined) this.#removeItem(at);
        else items[at] = value;
        return;
      }
      if (at === items.length || (at === 1 && items === nothing)) {
        if (value !== undefined) this.#append(value);
        return;
      }
    }
    // Adding 0 makes -0 the 0 that it equals.
    if (this.#setEntry(key + 0, value)) this.#numberKeyCount++;
  }

  /** Sets the value of a key that is not a number. */
  setString(key: unknown, value: unknown): void {
    this.#setEntry(key, value);
  }

  #removeItem(at: number): void {
    const items = this.#items;
    if (at === items.length - 1 && !this.#hasHoles) {
      items.pop();
    } else {
      items[at] = undefined;
      this.#hasHoles = true;
    }
  }

  #append(value: unknown): void {
    if (this.#items === nothing) this.#items = [undefined];
    countAllocation(itemSize);
    this.#items.push(value);
    const count = this.#items.length - 1;
    if (count > this.#room) this.#room = roomFor(count);
    if (this.#numberKeyCount > 0) this.#moveFollowing();
  }

  /** Moves the keys that follow the last item out of the hash part. */
  #moveFollowing(): void {
    for (;;) {
      const count = this.#items.length;
      const at = this.#findEntry(count);
      if (at === -1 || this.#values[at] === undefined) return;
      this.#items.push(this.#values[at]);
      this.#values[at] = undefined;
      this.#removedCount++;
      if (count > this.#room) this.#room = roomFor(count);
    }
  }

  #findEntry(key: unknown): number {
    if (this.#index !== null) return this.#index.get(key) ?? -1;
    return this.#keys.indexOf(key);
  }

  /** Returns whether the key is a new one. */
  #setEntry(key: unknown, value: unknown): boolean {
    const at = this.#findEntry(key);
    if (at !== -1) {
      const isRemoved = this.#values[at] === undefined;
      if (isRemoved !== (value === undefined)) this.#removedCount += isRemoved ? -1 : 1;
      this.#values[at] = value;
      return false;
    }
    if (value === undefined) return false;
    if (this.#keys === nothing) {
      this.#keys = [];
      this.#values = [];
    } else if (this.#removedCount > scannedKeysMax && this.#removedCount * 2 > this.#keys.length) {
      this.#compact();
    } else if (this.#sharesKeys) {
      this.#takeKeys();
    }
    countAllocation(entrySize);
    this.#index?.set(key, this.#keys.length);
    this.#keys.push(key);
    this.#values.push(value);
    if (this.#index === null && this.#keys.length > scannedKeysMax) this.#makeIndex();
    return true;
  }

  #makeIndex(): void {
    this.#index = indexOf(this.#keys);
  }

  /** Copies what others have as well. */
  #takeKeys(): void {
    this.#keys = this.#keys.slice();
    if (this.#index !== null) this.#index = new Map(this.#index);
    this.#sharesKeys = false;
  }

  #compact(): void {
    const keys: unknown[] = [];
    const values: unknown[] = [];
    this.#numberKeyCount = 0;
    for (const [at, value] of this.#values.entries()) {
      if (value === undefined) continue;
      keys.push(this.#keys[at]);
      values.push(value);
      if (typeof this.#keys[at] === "number") this.#numberKeyCount++;
    }
    this.#keys = keys;
    this.#values = values;
    this.#sharesKeys = false;
    this.#removedCount = 0;
    this.#index = null;
    if (keys.length > scannedKeysMax) this.#makeIndex();
  }

  /** The border that `#` gives: n where n is not nil and n + 1 is. */
  get length(): number {
    const items = this.#items;
    if (!this.#hasHoles) return items === nothing ? 0 : items.length - 1;
    let high = Math.max(this.#room, items.length - 1);
    if (items[high] !== undefined) return high;
    let low = 0;
    // Lua's own search, so that it finds the same of several borders.
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (items[middle] === undefined) high = middle;
      else low = middle;
    }
    return low;
  }

  /** The cursor of the entry after `cursor`, -1 at the end; 0 stands before the first. */
  advance(cursor: number): number {
    let at = cursor;
    if (at < hashCursor) {
      const items = this.#items;
      while (++at < items.length) {
        if (items[at] !== undefined) return at;
      }
      at = hashCursor - 1;
    }
    const values = this.#values;
    for (let place = at - hashCursor + 1; place < values.length; place++) {
      if (values[place] !== undefined) return place + hashCursor;
    }
    return -1;
  }

  keyAt(cursor: number): unknown {
    return cursor < hashCursor ? cursor : this.#keys[cursor - hashCursor];
  }

  valueAt(cursor: number): unknown {
    return cursor < hashCursor ? this.#items[cursor] : this.#values[cursor - hashCursor];
  }

  /** The cursor of a key, 0 for nil, -1 for a key that was never there. */
  cursorOf(key: unknown): number {
    if (key === undefined) return 0;
    if (typeof key === "number" && Number.isInteger(key) && key > 0) {
      // A key whose value was assigned nil during the traversal may be behind the last by now.
      if (key < this.#items.length || key <= this.#room) return key;
    }
    const at = this.#findEntry(key);
    return at === -1 ? -1 : at + hashCursor;
  }

  /** The items in place, if none is nil and the table needs no metamethods; for sorting. */
  plainItems(): unknown[] | undefined {
    return this.#hasHoles ? undefined : this.#items;
  }

  /** The keys of the hash part, some of which may have been removed: their values are nil. */
  get fieldKeys(): readonly unknown[] {
    return this.#keys;
  }

  get fieldValues(): readonly unknown[] {
    return this.#values;
  }
}

function indexOf(keys: readonly unknown[]): Map<unknown, number> {
  const index = new Map<unknown, number>();
  for (let at = 0; at < keys.length; at++) index.set(keys[at], at);
  return index;
}

/** Lua doubles its array when it is full. */
function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}
