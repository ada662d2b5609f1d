// The commands that make a stream again: its entries, what is known of it as a whole, its groups
// with their consumers and what is pending with each.
import { Slice } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import type { Ref } from "../memory/arena.ts";
import { valueRef } from "../keyspace/record.ts";
import { StreamCursor } from "../structures/stream-cursor.ts";
import {
  consumerPending,
  consumersOf,
  deliveryCountAt,
  deliveryTimeAt,
  entriesRead,
  findPending,
  groupLastIdWord,
  pendingOf,
} from "../structures/stream-group.ts";
import { StreamId, idTextBytesMax, readId, writeIdText } from "../structures/stream-id.ts";
import { IdCursor, idAt, idTreeCount, nextPlace, seekFirst } from "../structures/stream-id-tree.ts";
import { nameCount, namedAt, sliceName } from "../structures/stream-names.ts";
import {
  entriesAdded,
  groupNames,
  lastIdWord,
  maxDeletedIdWord,
  streamLength,
} from "../structures/stream-root.ts";
import type { CommandEncoder } from "./command-encoder.ts";
import type { KeyCommands } from "./value-commands.ts";

/** Commands between two stops. */
const commandsPerSlice = 32;
const idText = new Uint8Array(idTextBytesMax);

function writeId(out: CommandEncoder, id: StreamId): CommandEncoder {
  return out.bytes(idText, 0, writeIdText(idText, 0, id));
}

export function* streamCommands(commands: KeyCommands): Generator<undefined> {
  const { arena } = commands.keyspace;
  const root = valueRef(arena, commands.ref);
  if (streamLength(arena, root) === 0) {
    commands.begin("XADD", 5).text("MAXLEN").text("0").text("0-1").text("x").text("y");
  } else yield* entryCommands(commands, root);
  const id = new StreamId();
  const out = commands.begin("XSETID", 5);
  readId(arena, root, lastIdWord, id);
  writeId(out, id).text("ENTRIESADDED").number(entriesAdded(arena, root)).text("MAXDELETEDID");
  readId(arena, root, maxDeletedIdWord, id);
  writeId(out, id);
  const names = groupNames(arena, root);
  const count = names === noRef ? 0 : nameCount(arena, names);
  for (let index = 0; index < count; index++) {
    yield* groupCommands(commands, namedAt(arena, names, index));
  }
}

function* entryCommands(commands: KeyCommands, root: Ref): Generator<undefined> {
  const cursor = new StreamCursor();
  const { field, value } = cursor;
  cursor.open(commands.keyspace.arena, root);
  let written = 0;
  while (cursor.next()) {
    const out = writeId(commands.begin("XADD", 1 + cursor.fieldCount * 2), cursor.id);
    for (let left = cursor.fieldCount; left > 0; left--) {
      cursor.nextField();
      out.bytes(field.bytes, field.offset, field.length);
      out.bytes(value.bytes, value.offset, value.length);
    }
    if (++written % commandsPerSlice === 0) yield;
  }
}

function* groupCommands(commands: KeyCommands, group: Ref): Generator<undefined> {
  const { arena } = commands.keyspace;
  const groupName = nameOf(commands, group);
  const id = new StreamId();
  readId(arena, group, groupLastIdWord, id);
  const out = commands.beginSub("XGROUP", "CREATE", 4);
  writeId(writeName(out, groupName), id).text("ENTRIESREAD").number(entriesRead(arena, group));
  const consumers = consumersOf(arena, group);
  for (let index = 0; index < nameCount(arena, consumers); index++) {
    const consumer = namedAt(arena, consumers, index);
    const consumerName = nameOf(commands, consumer);
    const tree = consumerPending(arena, consumer);
    if (idTreeCount(arena, tree) > 0) {
      yield* claimCommands(commands, group, tree, { groupName, consumerName });
      continue;
    }
    writeName(writeName(commands.beginSub("XGROUP", "CREATECONSUMER", 2), groupName), consumerName);
  }
}

function* claimCommands(
  commands: KeyCommands,
  group: Ref,
  tree: Ref,
  names: { readonly groupName: Slice; readonly consumerName: Slice },
): Generator<undefined> {
  const { arena } = commands.keyspace;
  const place = new IdCursor();
  const delivery = new IdCursor();
  const id = new StreamId();
  const pending = pendingOf(arena, group);
  let written = 0;
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    idAt(arena, tree, place, id);
    if (!findPending(arena, group, id, delivery)) continue;
    const out = writeName(
      writeName(commands.begin("XCLAIM", 10), names.groupName),
      names.consumerName,
    );
    writeId(out.text("0"), id)
      .text("TIME")
      .number(deliveryTimeAt(arena, pending, delivery));
    out.text("RETRYCOUNT").number(deliveryCountAt(arena, pending, delivery));
    out.text("JUSTID").text("FORCE");
    if (++written % commandsPerSlice === 0) yield;
  }
}

function nameOf({ keyspace }: KeyCommands, named: Ref): Slice {
  const name = new Slice();
  sliceName(keyspace.arena, named, name);
  return name;
}

function writeName(out: CommandEncoder, name: Slice): CommandEncoder {
  return out.bytes(name.bytes, name.offset, name.length);
}
