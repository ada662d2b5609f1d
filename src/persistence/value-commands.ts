// The commands that make a value again, for an append-only file without an RDB preamble. Elements
// go in groups of `wordsPerCommand`, as Redis writes them; between groups the generators stop, and
// the value must not change then.
import { Slice } from "../bytes/slices.ts";
import { formatDouble17 } from "../bytes/double.ts";
import type { Ref } from "../memory/arena.ts";
import { HashCursor } from "../keyspace/hash-cursor.ts";
import { HashState, countFields } from "../keyspace/hash-fields.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { seekElement } from "../keyspace/list.ts";
import {
  encodingOf,
  keyLength,
  keyOffset,
  recordType,
  sliceString,
  typeOf,
  valueRef,
} from "../keyspace/record.ts";
import { SetCursor } from "../keyspace/set-cursor.ts";
import { countOfSet } from "../keyspace/set-members.ts";
import { elementCount } from "../keyspace/value.ts";
import { ZsetCursor } from "../keyspace/zset-cursor.ts";
import { ListpackEntry } from "../structures/listpack-entry.ts";
import {
  ListCursor,
  closeCursor,
  enterFront,
  moveNext,
  readElement,
} from "../structures/quicklist-cursor.ts";
import type { CommandEncoder } from "./command-encoder.ts";
import { streamCommands } from "./stream-commands.ts";

const elementsPerCommand = 64;

/** A key and where its commands go. */
export class KeyCommands {
  readonly keyspace: Keyspace;
  readonly ref: Ref;
  readonly #out: CommandEncoder;

  constructor(keyspace: Keyspace, ref: Ref, out: CommandEncoder) {
    this.keyspace = keyspace;
    this.ref = ref;
    this.#out = out;
  }

  /** Begins a command on the key, with so many words after the key. */
  begin(name: string, words: number): CommandEncoder {
    return this.key(this.#out.begin(words + 2).text(name));
  }

  /** Begins one whose key comes after the second word of its name. */
  beginSub(name: string, sub: string, words: number): CommandEncoder {
    return this.key(
      this.#out
        .begin(words + 3)
        .text(name)
        .text(sub),
    );
  }

  key(out: CommandEncoder): CommandEncoder {
    const { arena } = this.keyspace;
    const { ref } = this;
    return out.bytes(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
  }
}

export function valueCommands(commands: KeyCommands): Generator<undefined> {
  switch (typeOf(commands.keyspace.arena, commands.ref)) {
    case recordType.string:
      return stringCommands(commands);
    case recordType.list:
      return listCommands(commands);
    case recordType.set:
      return setCommands(commands);
    case recordType.zset:
      return zsetCommands(commands);
    case recordType.hash:
      return hashCommands(commands);
    default:
      return streamCommands(commands);
  }
}

function* stringCommands(commands: KeyCommands): Generator<undefined> {
  const text = new Slice();
  sliceString(commands.keyspace.arena, commands.ref, text);
  commands.begin("SET", 1).bytes(text.bytes, text.offset, text.length);
  yield;
}

/** Words of the next command, for elements that are left. */
function nextGroup(left: number): number {
  return Math.min(left, elementsPerCommand);
}

function* listCommands(commands: KeyCommands): Generator<undefined> {
  const { keyspace, ref } = commands;
  const { arena } = keyspace;
  const cursor = new ListCursor();
  const entry = new ListpackEntry();
  let isOn = seekElement(keyspace, ref, 0, cursor);
  let node = cursor.node;
  for (let left = elementCount(keyspace, ref); left > 0 && isOn;) {
    const group = nextGroup(left);
    left -= group;
    const out = commands.begin("RPUSH", group);
    let isAtNode = false;
    for (let each = 0; each < group; each++) {
      readElement(arena, cursor, entry);
      out.bytes(entry.bytes, entry.offset, entry.length);
      isOn = moveNext(arena, cursor);
      isAtNode = cursor.node !== node;
      node = cursor.node;
    }
    // Only between nodes: others may fold and unfold a node meanwhile.
    if (!isAtNode || !isOn) continue;
    closeCursor(arena, cursor);
    yield;
    enterFront(arena, cursor, node);
  }
}

function* setCommands(commands: KeyCommands): Generator<undefined> {
  const { keyspace, ref } = commands;
  const { arena } = keyspace;
  const held = encodingOf(arena, ref);
  const cursor = new SetCursor();
  cursor.open(keyspace, held, valueRef(arena, ref));
  const { member } = cursor;
  for (let left = countOfSet(arena, held, valueRef(arena, ref)); left > 0;) {
    const group = nextGroup(left);
    left -= group;
    const out = commands.begin("SADD", group);
    for (let each = 0; each < group; each++) {
      cursor.next();
      member.render();
      out.bytes(member.bytes, member.offset, member.length);
    }
    yield;
  }
}

function* zsetCommands(commands: KeyCommands): Generator<undefined> {
  const { keyspace, ref } = commands;
  const { arena } = keyspace;
  const cursor = new ZsetCursor(arena);
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), 0);
  for (let left = elementCount(keyspace, ref); left > 0;) {
    const group = nextGroup(left);
    left -= group;
    const out = commands.begin("ZADD", group * 2);
    for (let each = 0; each < group; each++) {
      out.text(formatDouble17(cursor.score));
      out.bytes(cursor.bytes, cursor.offset, cursor.length);
      cursor.next();
    }
    yield;
  }
}

/** The fields, and behind them when each of those that expire does. */
function* hashCommands(commands: KeyCommands): Generator<undefined> {
  const { keyspace, ref } = commands;
  const { arena } = keyspace;
  const hash = new HashState();
  hash.encoding = encodingOf(arena, ref);
  hash.root = valueRef(arena, ref);
  const cursor = new HashCursor();
  cursor.open(keyspace, hash.encoding, hash.root);
  const { field, value } = cursor;
  let isTimed = false;
  for (let left = countFields(keyspace, hash); left > 0;) {
    const group = nextGroup(left);
    left -= group;
    const out = commands.begin("HMSET", group * 2);
    for (let each = 0; each < group; each++) {
      cursor.next();
      out.bytes(field.bytes, field.offset, field.length);
      out.bytes(value.bytes, value.offset, value.length);
      isTimed ||= cursor.timeMs >= 0;
    }
    yield;
  }
  if (!isTimed) return;
  cursor.open(keyspace, hash.encoding, hash.root);
  let written = 0;
  while (cursor.next()) {
    if (cursor.timeMs < 0) continue;
    const out = commands.begin("HPEXPIREAT", 4).number(cursor.timeMs).text("FIELDS").text("1");
    out.bytes(field.bytes, field.offset, field.length);
    if (++written % elementsPerCommand === 0) yield;
  }
}
