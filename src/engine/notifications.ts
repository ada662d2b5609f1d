// Keyspace notifications: events of keys, published on channels of their own. Which classes of
// events are published, and on which of the two kinds of channels, `notify-keyspace-events` says;
// its bits are those of Redis.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Database } from "../keyspace/database.ts";
import type { KeyEvent } from "../keyspace/key-event.ts";
import { interest } from "../keyspace/keyspace.ts";
import type { Engine } from "./engine.ts";

const keyspaceBit = 1 << 0;
const keyeventBit = 1 << 1;

export class Notifications {
  readonly #engine: Engine;
  #flags = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The parameter's value; events reach us only while it asks for some. */
  set flags(flags: number) {
    this.#flags = flags;
    const { keyspace } = this.#engine;
    if (flags === 0) keyspace.interest &= ~interest.notifications;
    else keyspace.interest |= interest.notifications;
  }

  notify(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void {
    const { pubsub } = this.#engine;
    if ((this.#flags & event.class) === 0 || pubsub.isSilent) return;
    const key = bytes.slice(offset, offset + length);
    if ((this.#flags & keyspaceBit) !== 0) {
      const head = asciiBytes(`__keyspace@${database.index}__:`);
      pubsub.publish(Buffer.concat([head, key]), event.bytes);
    }
    if ((this.#flags & keyeventBit) !== 0) {
      pubsub.publish(asciiBytes(`__keyevent@${database.index}__:${event.name}`), key);
    }
  }
}
