// Writes a whole data set as commands, as it is at one instant: the base of an append-only file
// without an RDB preamble. What commands that run meanwhile change is written first, as for
// `snapshot-writer.ts`; here a key may be written in the middle of another's commands, so nothing
// has to be kept aside.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { expiryOf } from "../keyspace/record.ts";
import type { SlicedWriting, SnapshotTarget } from "../keyspace/snapshot.ts";
import { Snapshot } from "../keyspace/snapshot.ts";
import type { ByteSink } from "./byte-stream.ts";
import { CommandEncoder } from "./command-encoder.ts";
import { RdbWriter } from "./rdb-writer.ts";
import { KeyCommands, valueCommands } from "./value-commands.ts";

export interface CommandSnapshotOptions {
  readonly hasTimestamps: boolean;
  /** Libraries of functions. */
  readonly functions?: readonly Uint8Array[];
}

export class CommandSnapshotWriter implements SnapshotTarget {
  readonly snapshot: Snapshot;
  /** Keys that are written. */
  keyCount = 0;
  readonly #keyspace: Keyspace;
  readonly #bytes: RdbWriter;
  readonly #out: CommandEncoder;
  #database = -1;

  /** Begins: the snapshot is of this instant, which is noted if the file is to have timestamps. */
  constructor(keyspace: Keyspace, sink: ByteSink, options: CommandSnapshotOptions) {
    this.#keyspace = keyspace;
    this.#bytes = new RdbWriter({ compresses: false, sink });
    this.#out = new CommandEncoder(this.#bytes);
    if (options.hasTimestamps) {
      const note = asciiBytes(`#TS:${Math.floor(keyspace.nowMs / 1000)}\r\n`);
      this.#bytes.raw(note, 0, note.length);
    }
    for (const code of options.functions ?? []) {
      this.#out.begin(3).text("FUNCTION").text("LOAD").bytes(code, 0, code.length);
    }
    this.snapshot = new Snapshot(keyspace, this);
  }

  /** Goes on until `isOver` or the end; whether it was the end. */
  step(isOver: () => boolean): boolean {
    if (!this.snapshot.step(isOver)) return false;
    this.#bytes.flush();
    return true;
  }

  write(database: number, ref: Ref): void {
    this.begin(database, ref).step(() => false);
  }

  begin(database: number, ref: Ref): SlicedWriting {
    this.keyCount++;
    const key = new KeyCommands(this.#keyspace, ref, this.#out);
    const commands = valueCommands(key);
    return {
      step: (isOver) => {
        this.#select(database);
        while (commands.next().done !== true) if (isOver()) return false;
        const expiryMs = expiryOf(this.#keyspace.arena, ref);
        if (expiryMs >= 0) key.begin("PEXPIREAT", 1).number(expiryMs);
        return true;
      },
    };
  }

  #select(database: number): void {
    if (database === this.#database) return;
    this.#database = database;
    this.#out.begin(2).text("SELECT").number(database);
  }
}
