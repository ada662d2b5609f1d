// Counts replies in a stream of bytes without making anything of them: the generator only needs to
// know when a reply is there, and parsing would cost it more than the server takes to answer.
//
// A reply is a tree written in prefix order, so no stack is needed: `#missing` is how many elements
// the reply still lacks. A scalar takes one away, an array of n adds n - 1; at zero the reply is
// complete. Errors are counted, and the first one's text is kept: a benchmark of error replies
// would be a fast one.
const type = { error: 0x2d, bulk: 0x24, array: 0x2a } as const;
const typeMap = 0x25;
const typeSet = 0x7e;
const typePush = 0x3e;
const typeVerbatim = 0x3d;
const typeBlobError = 0x21;
const minus = 0x2d;
const lineFeed = 0x0a;
const digit0 = 0x30;
const errorTextMax = 200;

/** What the next byte belongs to. */
const state = { type: 0, line: 1, length: 2, content: 3 } as const;
type State = (typeof state)[keyof typeof state];

export class ReplySkimmer {
  #state: State = state.type;
  #missing = 1;
  #type = 0;
  /** The number that is being read, or the bytes that a bulk string still lacks. */
  #number = 0;
  #isNegative = false;
  #errors = 0;
  #errorText = "";
  #isErrorRead = false;

  /** Error replies seen so far, also within arrays. */
  get errors(): number {
    return this.#errors;
  }

  /** The first error's line, without its `-`; empty when there was none. */
  get errorText(): string {
    return this.#errorText;
  }

  /** Goes over the first `size` bytes and returns how many replies end in them. */
  skim(bytes: Uint8Array, size: number): number {
    let replies = 0;
    let at = 0;
    while (at < size) {
      if (this.#state === state.type) {
        this.#startReply(bytes[at++]);
      } else if (this.#state === state.line) {
        const end = bytes.indexOf(lineFeed, at);
        const isComplete = end !== -1 && end < size;
        const stop = isComplete ? end + 1 : size;
        if (this.#type === type.error) this.#keepError(bytes, at, stop, isComplete);
        at = stop;
        if (isComplete) replies += this.#endElement();
      } else if (this.#state === state.length) {
        const byte = bytes[at++];
        if (byte === minus) this.#isNegative = true;
        else if (byte === lineFeed) replies += this.#endLength();
        else if (byte >= digit0) this.#number = this.#number * 10 + byte - digit0;
      } else {
        const step = Math.min(this.#number, size - at);
        at += step;
        this.#number -= step;
        if (this.#number === 0) replies += this.#endElement();
      }
    }
    return replies;
  }

  #startReply(byte: number): void {
    this.#type = byte;
    this.#number = 0;
    this.#isNegative = false;
    this.#state = hasLength(byte) ? state.length : state.line;
    if (byte === type.error || byte === typeBlobError) this.#errors++;
  }

  /** The line with a length has ended: content follows, or elements, or nothing. */
  #endLength(): number {
    const isBulk =
      this.#type === type.bulk || this.#type === typeVerbatim || this.#type === typeBlobError;
    if (this.#isNegative) return this.#endElement();
    if (isBulk) {
      this.#number += 2;
      this.#state = state.content;
      return 0;
    }
    this.#missing += this.#number * (this.#type === typeMap ? 2 : 1);
    return this.#endElement();
  }

  #endElement(): number {
    this.#state = state.type;
    this.#missing--;
    if (this.#missing > 0) return 0;
    this.#missing = 1;
    return 1;
  }

  #keepError(bytes: Uint8Array, start: number, end: number, isComplete: boolean): void {
    if (this.#isErrorRead) return;
    this.#errorText += String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 200)));
    this.#errorText = this.#errorText.slice(0, errorTextMax).trimEnd();
    this.#isErrorRead = isComplete;
  }
}

function hasLength(byte: number): boolean {
  return (
    byte === type.bulk ||
    byte === type.array ||
    byte === typeMap ||
    byte === typeSet ||
    byte === typePush ||
    byte === typeVerbatim ||
    byte === typeBlobError
  );
}
