// Channels and who listens to them.
//
// A message is encoded once for each protocol version among its receivers, and all of them get the
// same bytes: publishing to a thousand subscribers copies nothing a thousand times. A receiver
// whose own command is running gets the message after that command's reply.
import { globMatches } from "../bytes/glob.ts";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { Engine } from "./engine.ts";
import { sessionGate } from "./gate.ts";
import { encodeMessage } from "./message.ts";
import type { Session } from "./session.ts";

/** The three ways to subscribe. */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** What one session listens to; made when it first subscribes. */
export interface Subscriptions {
  readonly channel: Set<string>;
  readonly pattern: Set<string>;
  readonly shard: Set<string>;
}

interface Topic {
  readonly bytes: Uint8Array;
  readonly sessions: Set<Session>;
}

export class PubSub {
  readonly #engine: Engine;
  readonly #topics: Readonly<Record<SubscriptionKind, Map<string, Topic>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Names that somebody listens to: channels, patterns or shard channels (Latin-1). */
  names(kind: SubscriptionKind): Iterable<string> {
    return this.#topics[kind].keys();
  }

  topicCount(kind: SubscriptionKind): number {
    return this.#topics[kind].size;
  }

  listenerCount(kind: SubscriptionKind, name: string): number {
    return this.#topics[kind].get(name)?.sessions.size ?? 0;
  }

  /** Whether a message could reach anybody at all. */
  get isSilent(): boolean {
    return this.#topics.channel.size === 0 && this.#topics.pattern.size === 0;
  }

  /** Whether it is new to the session. */
  subscribe(session: Session, kind: SubscriptionKind, name: string): boolean {
    session.subscriptions ??= { channel: new Set(), pattern: new Set(), shard: new Set() };
    if (session.subscriptions[kind].has(name)) return false;
    session.subscriptions[kind].add(name);
    session.gates |= sessionGate.subscribed;
    let topic = this.#topics[kind].get(name);
    if (topic === undefined) {
      topic = { bytes: asciiBytes(name), sessions: new Set() };
      this.#topics[kind].set(name, topic);
    }
    topic.sessions.add(session);
    return true;
  }

  /** Whether the session was subscribed. */
  unsubscribe(session: Session, kind: SubscriptionKind, name: string): boolean {
    if (session.subscriptions?.[kind].delete(name) !== true) return false;
    const topic = this.#topics[kind].get(name);
    topic?.sessions.delete(session);
    if (topic?.sessions.size === 0) this.#topics[kind].delete(name);
    if (session.subscriptionCount === 0) session.gates &= ~sessionGate.subscribed;
    return true;
  }

  /** The session listens to nothing any more. */
  forget(session: Session): void {
    for (const kind of ["channel", "pattern", "shard"] as const) {
      for (const name of session.subscriptions?.[kind] ?? []) this.unsubscribe(session, kind, name);
    }
  }

  /**
   * Sends a message to a channel's listeners and to those of matching patterns; how many got it.
   */
  publish(channel: Uint8Array, message: Uint8Array): number {
    const topic = this.#topics.channel.get(latin1(channel, 0, channel.length));
    let count = 0;
    if (topic !== undefined) count += this.#deliver(topic, ["message"], channel, message);
    for (const pattern of this.#topics.pattern.values()) {
      const { bytes } = pattern;
      if (!globMatches(bytes, 0, bytes.length, channel, 0, channel.length, 0)) continue;
      count += this.#deliver(pattern, ["pmessage", bytes], channel, message);
    }
    return count;
  }

  /** Sends a message to a shard channel's listeners; how many got it. */
  publishToShard(channel: Uint8Array, message: Uint8Array): number {
    const topic = this.#topics.shard.get(latin1(channel, 0, channel.length));
    return topic === undefined ? 0 : this.#deliver(topic, ["smessage"], channel, message);
  }

  #deliver(
    topic: Topic,
    head: readonly (string | Uint8Array)[],
    channel: Uint8Array,
    message: Uint8Array,
  ): number {
    const words = [...head, channel, message];
    let resp2: Uint8Array | undefined;
    let resp3: Uint8Array | undefined;
    for (const session of topic.sessions) {
      if (session.protocol === 2) this.#engine.push(session, (resp2 ??= encodeMessage(words, 2)));
      else this.#engine.push(session, (resp3 ??= encodeMessage(words, 3)));
    }
    return topic.sessions.size;
  }
}
