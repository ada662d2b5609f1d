// Messages to the listeners of one topic, held until the turn ends and sent then in one pass.
//
// To reach a thousand connections twice, once to tell them and once to send, costs more than all
// else here: what one write makes the system touch takes the place of their state in the
// processor's caches. As soon as anything else could come between the messages of the turn
// (another topic, a listener's own replies) they are pushed like any others: the order stays.
//
// For the same reason the state of several listeners is looked at before the first of them is
// written to: the waits for memory overlap.
import { encodeMessage } from "./message.ts";
import type { MessageWords } from "./message.ts";
import type { Session } from "./session.ts";

/** Listeners whose state is fetched together. */
const fetchedTogether = 16;

export class FanOut {
  /** Whether messages are held for those who listen. */
  isHolding = false;
  /** What fetching has added up: no compiler may leave out what somebody could read. */
  fetched = 0;
  #beginTurn: (() => void) | undefined;
  #listeners: ReadonlySet<Session> | undefined;
  #messages: MessageWords[] = [];

  /** From now on messages may wait for `send`; `beginTurn` makes sure that it is called. */
  hold(beginTurn: () => void): void {
    this.#beginTurn = beginTurn;
  }

  /** Whether the message waits now; else it is to be pushed at once. */
  add(listeners: ReadonlySet<Session>, message: MessageWords): boolean {
    if (this.#beginTurn === undefined) return false;
    if (this.#listeners !== listeners) {
      this.release();
      this.#listeners = listeners;
      this.isHolding = true;
      this.#beginTurn();
    }
    this.#messages.push(message);
    return true;
  }

  /** Somebody else has something to say: pushes what is held. */
  release(): void {
    if (!this.isHolding) return;
    const listeners = this.#listeners!;
    const message = this.#take();
    for (const session of listeners) session.link.push(message.bytesFor(session));
  }

  /** Sends what is held: the turn is over. */
  send(): void {
    if (!this.isHolding) return;
    const listeners = [...this.#listeners!];
    const message = this.#take();
    for (let start = 0; start < listeners.length; start += fetchedTogether) {
      const end = Math.min(start + fetchedTogether, listeners.length);
      this.#look(listeners, start, end);
      for (let index = start; index < end; index++) {
        const session = listeners[index];
        session.link.pushLast(message.bytesFor(session));
      }
    }
  }

  /** Afterwards nothing is held. */
  #take(): EncodedMessages {
    const messages = new EncodedMessages(this.#messages);
    this.#listeners = undefined;
    this.#messages = [];
    this.isHolding = false;
    return messages;
  }

  /** Reads what sending to them will read. */
  #look(listeners: readonly Session[], start: number, end: number): void {
    let sum = 0;
    for (let index = start; index < end; index++) {
      const { link, sentBytes } = listeners[index];
      sum += sentBytes + link.outputBytes;
    }
    this.fetched = sum;
  }
}

/** Messages in each version of the protocol, made when somebody needs it. */
class EncodedMessages {
  readonly #messages: readonly MessageWords[];
  #resp2: Uint8Array | undefined;
  #resp3: Uint8Array | undefined;

  constructor(messages: readonly MessageWords[]) {
    this.#messages = messages;
  }

  bytesFor({ protocol }: Session): Uint8Array {
    if (protocol === 2) return (this.#resp2 ??= this.#encode(2));
    return (this.#resp3 ??= this.#encode(3));
  }

  #encode(protocol: number): Uint8Array {
    const encoded = this.#messages.map((each) => encodeMessage(each, protocol));
    return encoded.length === 1 ? encoded[0] : Buffer.concat(encoded);
  }
}
