// Connections to other servers for single requests: MIGRATE's. One that has done its work is kept a
// while for the next request to the same server, as in Redis.
import { latin1 } from "../bytes/ascii.ts";
import type { PeerControl, PeerFailure, PeerRequest } from "../engine/peer-control.ts";
import type { Dial, Link, LinkHandler } from "./link.ts";

/** How long a connection is kept, and how many are. */
const idleMsMax = 10_000;
const idleCountMax = 64;
/** A reply is `+OK`, or an error with its reason. */
const lineBytesMax = 64 * 1024;

export interface PeersOptions {
  readonly dial: Dial;
  nowMs(this: void): number;
}

export class Peers implements PeerControl {
  readonly #options: PeersOptions;
  /** By place, the one that was used last at the end. */
  readonly #idle = new Map<string, Conversation>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  get idleCount(): number {
    return this.#idle.size;
  }

  ask(request: PeerRequest): () => void {
    const place = placeOf(request);
    const kept = this.#idle.get(place);
    this.#idle.delete(place);
    const conversation = kept ?? new Conversation(this.#options.dial, request);
    conversation.begin(request, {
      done: () => this.#keep(place, conversation),
      // The other side may have closed it meanwhile: that says nothing of this request.
      stale: () => void this.ask(request),
    });
    return () => conversation.close();
  }

  #keep(place: string, conversation: Conversation): void {
    conversation.idleSinceMs = this.#options.nowMs();
    this.#idle.get(place)?.close();
    this.#idle.set(place, conversation);
    if (this.#idle.size <= idleCountMax) return;
    const [[oldest, first]] = this.#idle;
    first.close();
    this.#idle.delete(oldest);
  }

  /** Several times a second: closes those that nobody has used for a while. */
  tick(): void {
    const oldestMs = this.#options.nowMs() - idleMsMax;
    for (const [place, conversation] of this.#idle) {
      if (!conversation.isOver && conversation.idleSinceMs >= oldestMs) continue;
      conversation.close();
      this.#idle.delete(place);
    }
  }

  close(): void {
    for (const conversation of this.#idle.values()) conversation.close();
    this.#idle.clear();
  }
}

interface Outcome {
  done(): void;
  /** It was kept from before, and gone before anything was said. */
  stale(): void;
}

/** One connection. */
class Conversation implements LinkHandler {
  readonly #link: Link;
  #isConnected = false;
  isOver = false;
  idleSinceMs = 0;
  #request: PeerRequest | undefined;
  #outcome: Outcome | undefined;
  #repliesLeft = 0;
  #line = "";
  #isFirst = true;
  #hasHeard = false;

  constructor(dial: Dial, { host, port }: PeerRequest) {
    this.#link = dial({ host, port }, this);
  }

  begin(request: PeerRequest, outcome: Outcome): void {
    this.#request = request;
    this.#outcome = outcome;
    this.#repliesLeft = request.replyCount;
    this.#line = "";
    this.#hasHeard = false;
    if (this.isOver) this.closed();
    else if (this.#isConnected) this.#link.send(request.bytes);
  }

  connected(): void {
    this.#isConnected = true;
    if (this.#request !== undefined) this.#link.send(this.#request.bytes);
  }

  received(bytes: Uint8Array, length: number): void {
    this.#hasHeard = true;
    this.#line += latin1(bytes, 0, length);
    for (;;) {
      const end = this.#line.indexOf("\r\n");
      if (end < 0) break;
      const line = this.#line.slice(0, end);
      this.#line = this.#line.slice(end + 2);
      if (this.#request === undefined) break;
      this.#request.replied(line);
      if (--this.#repliesLeft === 0) this.#end(undefined);
    }
    // Nothing is to be heard now, or not so much.
    if (this.#line.length > (this.#request === undefined ? 0 : lineBytesMax)) {
      this.#link.close();
      this.closed();
    }
  }

  closed(): void {
    this.isOver = true;
    if (this.#request === undefined) return;
    if (!this.#isFirst && !this.#hasHeard) {
      this.#request = undefined;
      this.#outcome?.stale();
    } else {
      this.#end(this.#isConnected ? "talking" : "connecting");
    }
  }

  /** Ends it; nobody hears of it any more. */
  close(): void {
    this.#request = undefined;
    this.isOver = true;
    this.#link.close();
  }

  #end(failure: PeerFailure | undefined): void {
    const request = this.#request;
    this.#request = undefined;
    this.#isFirst = false;
    if (failure === undefined) this.#outcome?.done();
    request?.ended(failure);
  }
}

function placeOf({ host, port }: PeerRequest): string {
  return `${host}:${port}`;
}
