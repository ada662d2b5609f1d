// Channels and who listens to them.
//
// A message is encoded once for each protocol version among its receivers, and all of them get the
// same bytes: publishing to a thousand subscribers copies nothing a thousand times. A receiver
// whose own command is running gets the message after that command's reply. The others get it when
// the turn ends, if that makes no difference: `FanOut`.
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { Engine } from "./engine.ts";
import { sessionGate } from "./gate.ts";
import { FanOut } from "./fan-out.ts";
import { encodeMessage } from "./message.ts";
import type { MessageWords } from "./message.ts";
import { PatternIndex } from "./pattern-index.ts";
import type { Session } from "./session.ts";

/** The three ways to subscribe. */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** What one session listens to; made when it first subscribes. */
export interface Subscriptions {
  readonly channel: Set<string>;
  readonly pattern: Set<string>;
  readonly shard: Set<string>;
  /** Memory of all these names. */
  bytes: number;
}

/** Memory of one subscription besides its name, roughly. */
const subscriptionBytes = 128;

interface Topic {
  readonly bytes: Uint8Array;
  readonly sessions: Set<Session>;
}

export class PubSub {
  /** Messages that wait for the end of the turn. */
  readonly fanOut = new FanOut();
  readonly #engine: Engine;
  readonly #topics: Readonly<Record<SubscriptionKind, Map<string, Topic>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  readonly #patterns = new PatternIndex<Topic>();

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
    session.subscriptions ??= {
      channel: new Set(),
      pattern: new Set(),
      shard: new Set(),
      bytes: 0,
    };
    if (session.subscriptions[kind].has(name)) return false;
    this.fanOut.release();
    session.subscriptions[kind].add(name);
    session.subscriptions.bytes += subscriptionBytes + name.length;
    session.gates |= sessionGate.subscribed;
    let topic = this.#topics[kind].get(name);
    if (topic === undefined) {
      topic = { bytes: asciiBytes(name), sessions: new Set() };
      this.#topics[kind].set(name, topic);
      if (kind === "pattern") this.#patterns.add(topic);
    }
    topic.sessions.add(session);
    return true;
  }

  /** Whether the session was subscribed. */
  unsubscribe(session: Session, kind: SubscriptionKind, name: string): boolean {
    if (session.subscriptions?.[kind].delete(name) !== true) return false;
    this.fanOut.release();
    session.subscriptions.bytes -= subscriptionBytes + name.length;
    const topic = this.#topics[kind].get(name);
    topic?.sessions.delete(session);
    if (topic?.sessions.size === 0) {
      this.#topics[kind].delete(name);
      if (kind === "pattern") this.#patterns.remove(topic);
    }
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
    this.#patterns.visitMatches(channel, (pattern) => {
      count += this.#deliver(pattern, ["pmessage", pattern.bytes], channel, message);
    });
    return count;
  }

  /** Sends a message to a shard channel's listeners; how many got it. */
  publishToShard(channel: Uint8Array, message: Uint8Array): number {
    const topic = this.#topics.shard.get(latin1(channel, 0, channel.length));
    return topic === undefined ? 0 : this.#deliver(topic, ["smessage"], channel, message);
  }

  #deliver(topic: Topic, head: MessageWords, channel: Uint8Array, message: Uint8Array): number {
    const words = [...head, channel, message];
    // One who listens and publishes may be among the listeners.
    const isListener = this.#engine.currentSession?.subscriptions !== undefined;
    if (!isListener && this.fanOut.add(topic.sessions, words)) return topic.sessions.size;
    this.fanOut.release();
    let resp2: Uint8Array | undefined;
    let resp3: Uint8Array | undefined;
    for (const session of topic.sessions) {
      if (session.protocol === 2) this.#engine.push(session, (resp2 ??= encodeMessage(words, 2)));
      else this.#engine.push(session, (resp3 ??= encodeMessage(words, 3)));
    }
    return topic.sessions.size;
  }
}
