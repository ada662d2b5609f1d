// Errors that a client can cause: what the error reply says, word for word as Redis says it, since
// clients match on it.
//
// A Failure is thrown by whoever finds the mistake and turned into an error reply by `execute`. It
// is not an Error: it has no stack trace to collect (3.3 us), and nothing is wrong with the server.
// Those with a fixed text are made once.

export class Failure {
  /** The reply without its leading `-`: the code in capitals, a space, the sentence. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The first word: what INFO errorstats counts by. */
  get code(): string {
    const space = this.text.indexOf(" ");
    return space < 0 ? this.text : this.text.slice(0, space);
  }
}

export const wrongType = new Failure(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
export const notInteger = new Failure("ERR value is not an integer or out of range");
export const notFloat = new Failure("ERR value is not a valid float");
export const notPositive = new Failure("ERR value is out of range, must be positive");
export const invalidCursor = new Failure("ERR invalid cursor");
export const syntaxError = new Failure("ERR syntax error");
export const noSuchKey = new Failure("ERR no such key");
export const indexOutOfRange = new Failure("ERR index out of range");
export const sameObject = new Failure("ERR source and destination objects are the same");
export const stringTooLong = new Failure(
  "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
);
export const offsetOutOfRange = new Failure("ERR offset is out of range");
export const incrementOverflow = new Failure("ERR increment or decrement would overflow");
export const decrementOverflow = new Failure("ERR decrement would overflow");
export const incrementNotFinite = new Failure("ERR increment would produce NaN or Infinity");
export const databaseOutOfRange = new Failure("ERR DB index is out of range");
export const invalidDatabaseIndex = new Failure("ERR invalid DB index");
export const outOfMemory = new Failure("OOM command not allowed when used memory > 'maxmemory'.");
