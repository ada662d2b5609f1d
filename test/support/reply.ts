// Replies as bytes into values that tests compare: what a RESP client would hand to its user, with
// nothing lost.
//
//   simple and bulk string  string (Latin-1)        null          null
//   integer                 number, bigint beyond 2^53   double   number
//   array, set, push        array                   map           Map
//   error                   ReplyError              boolean       boolean
import { latin1 } from "../../src/bytes/ascii.ts";

export class ReplyError {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | ReplyError
  | Reply[]
  | Map<Reply, Reply>;

/** All replies in the bytes; throws when the last one is not whole. */
export function parseReplies(bytes: Uint8Array): Reply[] {
  const parser = new ReplyParser(bytes);
  const replies: Reply[] = [];
  while (parser.position < bytes.length) replies.push(parser.next());
  return replies;
}

/** How many bytes the first reply takes from `start`; 0 when it is not whole yet. */
export function replyLength(bytes: Uint8Array, start: number): number {
  const parser = new ReplyParser(bytes);
  parser.position = start;
  try {
    parser.next();
  } catch (error) {
    if (error instanceof IncompleteReply) return 0;
    throw error;
  }
  return parser.position - start;
}

class IncompleteReply extends Error {
  override name = "IncompleteReply";
}

class ReplyParser {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): Reply {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return rest;
      case "-":
        return new ReplyError(rest);
      case ":":
        return Number.isSafeInteger(Number(rest)) ? Number(rest) : BigInt(rest);
      case "(":
        return BigInt(rest);
      case ",":
        return Number(rest.replace("inf", "Infinity"));
      case "#":
        return rest === "t";
      case "_":
        return null;
      case "$":
        return this.#bulk(Number(rest));
      case "=":
        return this.#bulk(Number(rest))?.slice(4) ?? null;
      case "%":
        return new Map(this.#items(Number(rest)).map(() => [this.next(), this.next()]));
      case "*":
      case "~":
      case ">":
        return rest === "-1" ? null : this.#items(Number(rest)).map(() => this.next());
      default:
        throw new Error(`no reply begins with ${JSON.stringify(line)}`);
    }
  }

  #items(count: number): undefined[] {
    return Array.from({ length: count }, () => undefined);
  }

  #bulk(length: number): string | null {
    if (length < 0) return null;
    const text = this.#take(length);
    if (this.#take(2) !== "\r\n") throw new Error("bulk string without its line end");
    return text;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0d, this.position);
    if (end < 0) throw new IncompleteReply("no line end");
    const text = this.#take(end - this.position);
    this.#take(2);
    return text;
  }

  #take(length: number): string {
    if (this.position + length > this.#bytes.length) throw new IncompleteReply("bytes are missing");
    this.position += length;
    return latin1(this.#bytes, this.position - length, this.position);
  }
}
