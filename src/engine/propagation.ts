// What a change is told as: the commands that bring another copy of the data to the same state. The
// append-only file and the replicas are told the same way.
//
// A unit is what happens at once: a command, a whole transaction, the serving of one client that
// waited. What it propagates collects here as encoded commands, one behind the other in one buffer
// that is kept, and goes to the sinks when the unit ends: a single command as it is, several
// between MULTI and EXEC.
//
//   buffer   *3..SET..  *2..DEL..  *3..PEXPIREAT..
//            ^starts[0] ^starts[1] ^starts[2]      ^starts[3] = end
//
// A command that changed something is propagated as it was received, behind the deletions that it
// came upon. One whose effect depends on the time, on chance or on who waited says itself what is
// to be propagated instead, by `begin`. The rules are those of Redis's propagatePendingCommands.
//
// Requests that are propagated as they were received mostly stand one behind the other in the
// buffer that they were read to. They are handed on together, as a run, before the buffer is used
// again and before anything else is propagated or asks how far the history has come.
import { viewedBytes } from "../bytes/viewed.ts";
import { asciiBytes, copyBytes } from "../bytes/ascii.ts";
import { integerLength, writeInteger } from "../bytes/integer.ts";
import type { Slice, Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

/** Takes what was propagated; the append-only file and the replication backlog are such. */
export interface PropagationSink {
  /**
   * Encoded commands, all of database number `database`; the bytes are good only during the call.
   * The sink inserts SELECT itself when the database changes; -1: it need not, whatever comes.
   */
  append(database: number, bytes: Uint8Array, offset: number, length: number): void;
}

/** Whom a command is for: bits of a set. */
export const target = { aof: 1, replicas: 2, all: 3 } as const;

/** Who has asked for changes, and learns their place in the history. */
export interface Writer {
  writeOffset: number;
}

/** A command that runs, as far as propagation goes. */
interface Frame {
  dirtyBefore: number;
  /** The request itself is not propagated: something else is, or nothing. */
  isReplaced: boolean;
  /** Targets that get the request though it changed nothing. */
  forced: number;
}

interface AttachedSink {
  readonly sink: PropagationSink;
  readonly target: number;
}

const multi = asciiBytes("*1\r\n$5\r\nMULTI\r\n");
const exec = asciiBytes("*1\r\n$4\r\nEXEC\r\n");
const anyDatabase = -1;
const lineEndBytes = 2;
const bufferBytesInitial = 16 * 1024;
/** A buffer that grew beyond this is not kept for the next unit. */
const bufferBytesKept = 1024 * 1024;
/** Longest head of a command or an argument: a sign, ten digits and a line end. */
const headBytesMax = 16;
/** The largest 64-bit integer that a double holds. */
const largestDouble = 2 ** 63 - 1024;
const asterisk = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

export class Propagation {
  /** Whether there is a sink: without one nothing is collected. */
  isOn = false;
  /** `lazyfree-lazy-expire`: a key that expired is propagated as UNLINK instead of DEL. */
  expiresLazily = false;
  /** `lazyfree-lazy-eviction`: the same for one that is evicted. */
  evictsLazily = false;
  /** `lazyfree-lazy-server-del`: the same for a set that SPOP empties. */
  emptiesLazily = false;
  /** Whom the commands of a script are told, which it may choose; everybody otherwise. */
  scope: number = target.all;
  readonly #keyspace: Keyspace;
  #sinks: readonly AttachedSink[] = [];
  #hasReplicas = false;
  #buffer = viewedBytes(bufferBytesInitial);
  /** Where the next byte goes. */
  #position = 0;
  /** Of the commands so far, and behind them where the last ends. */
  readonly #starts: number[] = [0];
  readonly #databases: number[] = [];
  readonly #targets: number[] = [];
  #count = 0;
  /** Words that the command which is being written still lacks. */
  #missing = 0;
  #database = 0;
  #target = 0;
  #isSeparate = false;
  /** The commands that run, the outermost first: EXEC and below it one of its transaction. */
  readonly #frames: Frame[] = [];
  #depth = 0;
  #offset = 0;
  /** The run that has begun: where it stands, and whose requests they are. */
  #runBytes: Uint8Array | undefined;
  #runStart = 0;
  #runEnd = 0;
  #runDatabase = 0;
  #runWriter: Writer | undefined;
  #isInRun = false;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /**
   * A place in the history of changes: in bytes of the replication stream, which its sink counts;
   * without one each unit or run counts as a byte, so that one can be told to be later than
   * another.
   */
  get offset(): number {
    this.endRun();
    return this.#offset;
  }

  set offset(value: number) {
    this.#offset = value;
  }

  /** From now on the sink gets what is for its target. */
  attach(sink: PropagationSink, targetBit: number): void {
    this.#setSinks([...this.#sinks, { sink, target: targetBit }]);
  }

  detach(sink: PropagationSink): void {
    this.#setSinks(this.#sinks.filter((each) => each.sink !== sink));
    if (!this.isOn) this.#clear();
  }

  #setSinks(sinks: readonly AttachedSink[]): void {
    this.endRun();
    this.#sinks = sinks;
    this.isOn = sinks.length > 0;
    this.#hasReplicas = sinks.some((each) => (each.target & target.replicas) !== 0);
  }

  /** A command begins to run; `leave` must follow. One inside another stands for the other. */
  enter(): void {
    const { dirty } = this.#keyspace;
    if (this.#depth === 0) this.#isSeparate = false;
    else this.#frames[this.#depth - 1].isReplaced = true;
    if (this.#depth === this.#frames.length) {
      this.#frames.push({ dirtyBefore: dirty, isReplaced: false, forced: 0 });
    } else {
      const frame = this.#frames[this.#depth];
      frame.dirtyBefore = dirty;
      frame.isReplaced = false;
      frame.forced = 0;
    }
    this.#depth++;
  }

  /** The command has run: its request is added if it changed something. */
  leave(db: Database, args: Slices): void {
    const frame = this.#frames[--this.#depth];
    // The handler failed before it had written all words.
    if (this.#missing > 0) this.#drop();
    if (frame.isReplaced || !this.isOn) return;
    const isChange = this.#keyspace.dirty > frame.dirtyBefore;
    const wanted = (isChange ? target.all : frame.forced) & this.scope;
    if (wanted === 0) return;
    if (this.#depth === 0 && this.#count === 0 && wanted === target.all) {
      const length = encodedLength(args);
      if (length > 0) {
        this.#addToRun(db.index, args, length);
        return;
      }
    }
    this.#open(db, args.count, wanted);
    this.arguments(args, 0, args.count);
  }

  /**
   * The whole unit is a request that stands in its buffer just as it would be encoded: that is most
   * of them, and they go to the sinks from there.
   */
  #addToRun(database: number, args: Slices, length: number): void {
    const last = args.count - 1;
    const end = args.offsets[last] + args.lengths[last] + lineEndBytes;
    const isNext = this.#runBytes === args.bytes && this.#runEnd === end - length;
    if (!isNext || this.#runDatabase !== database) {
      this.endRun();
      this.#runBytes = args.bytes;
      this.#runStart = end - length;
      this.#runDatabase = database;
    }
    this.#runEnd = end;
    this.#isInRun = true;
  }

  /** Hands on the run that has begun; its bytes may be others after this. */
  endRun(): void {
    const bytes = this.#runBytes;
    if (bytes === undefined) return;
    this.#runBytes = undefined;
    if (!this.#hasReplicas) this.#offset++;
    const sinks = this.#sinks;
    const length = this.#runEnd - this.#runStart;
    for (let index = 0; index < sinks.length; index++) {
      sinks[index].sink.append(this.#runDatabase, bytes, this.#runStart, length);
    }
    if (this.#runWriter !== undefined) this.#runWriter.writeOffset = this.#offset;
    this.#runWriter = undefined;
  }

  /** A unit of the writer's is over: what it has changed goes to the sinks, now or with a run. */
  endUnit(writer: Writer): void {
    if (this.#isInRun) {
      this.#isInRun = false;
      if (this.#runBytes === undefined) writer.writeOffset = this.#offset;
      else this.#runWriter = writer;
    } else if (this.#count > 0 && this.#depth === 0) {
      this.flush();
      writer.writeOffset = this.#offset;
    }
  }

  /** The running command's request is not propagated, whatever it has changed. */
  suppress(): void {
    if (this.#depth > 0) this.#frames[this.#depth - 1].isReplaced = true;
  }

  /** The running command's request is propagated to these targets though it changes nothing. */
  force(targets: number): void {
    if (this.#depth > 0) this.#frames[this.#depth - 1].forced |= targets;
  }

  /**
   * What the running command comes upon are unrelated keys: if it is no part of a transaction their
   * deletions need not be made one.
   */
  separate(): void {
    if (this.#depth === 1) this.#isSeparate = true;
  }

  /**
   * Begins a command of `wordCount` words, its name included, which are written next; it stands for
   * the running command's request. Between here and the last word no key may be looked up, since
   * one could expire.
   */
  begin(db: Database, wordCount: number, targets: number = target.all): this {
    this.suppress();
    const wanted = targets & this.scope;
    if (this.isOn && wanted !== 0) this.#open(db, wordCount, wanted);
    return this;
  }

  /** A word: ASCII, known when this was written. */
  text(word: string): this {
    if (this.#missing === 0) return this;
    const { length } = word;
    this.#writeHead(length);
    const buffer = this.#buffer;
    let at = this.#position;
    for (let index = 0; index < length; index++) buffer[at++] = word.charCodeAt(index);
    this.#endWord(at);
    return this;
  }

  /** A word that is one of the request's. */
  argument(args: Slices, index: number): this {
    return this.bytes(args.bytes, args.offsets[index], args.lengths[index]);
  }

  bytes(bytes: Uint8Array, offset: number, length: number): this {
    if (this.#missing === 0) return this;
    this.#writeHead(length);
    copyBytes(bytes, offset, this.#buffer, this.#position, length);
    this.#endWord(this.#position + length);
    return this;
  }

  /** Words that are the request's, from argument `first` to the one before `end`. */
  arguments(args: Slices, first: number, end: number): this {
    for (let index = first; index < end; index++) this.argument(args, index);
    return this;
  }

  /** A word that is an integer; one beyond 2^53 is the nearest that a double holds. */
  number(value: number): this {
    if (this.#missing === 0) return this;
    if (!Number.isSafeInteger(value)) return this.text(largeInteger(value));
    this.#writeHead(integerLength(value));
    this.#endWord(writeInteger(this.#buffer, this.#position, value));
    return this;
  }

  /** A key was deleted that no command has asked to delete: it expired, or was evicted. */
  keyDeleted(
    db: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    isLazy: boolean,
  ): void {
    if (!this.isOn) return;
    this.#open(db, 2, target.all);
    this.text(deletionWord(isLazy)).bytes(bytes, offset, length);
    this.flush();
  }

  /** A field was deleted because it expired. */
  fieldDeleted(db: Database, key: Slice, bytes: Uint8Array, offset: number, length: number): void {
    if (!this.isOn) return;
    this.#open(db, 3, target.all);
    this.text("HDEL").bytes(key.bytes, key.offset, key.length).bytes(bytes, offset, length);
    this.flush();
  }

  /** What the unit that is under way has to say is never said: the process ends. */
  abandon(): void {
    this.#clear();
    for (let index = 0; index < this.#depth; index++) this.#frames[index].isReplaced = true;
  }

  /** Hands what has collected to the sinks, unless a command still runs. */
  flush(): void {
    if (this.#depth > 0) return;
    this.endRun();
    if (this.#count === 0) return;
    const isTransaction = this.#count > 1 && !this.#isSeparate;
    if (!this.#hasReplicas) this.#offset++;
    for (const attached of this.#sinks) this.#deliver(attached, isTransaction);
    this.#clear();
  }

  #deliver({ sink, target: own }: AttachedSink, isTransaction: boolean): void {
    let first = 0;
    while (first < this.#count && (this.#targets[first] & own) === 0) first++;
    if (first === this.#count) return;
    if (isTransaction) sink.append(anyDatabase, multi, 0, multi.length);
    for (let index = first; index < this.#count; index++) {
      if ((this.#targets[index] & own) === 0) continue;
      const start = this.#starts[index];
      sink.append(this.#databases[index], this.#buffer, start, this.#starts[index + 1] - start);
    }
    if (isTransaction) sink.append(anyDatabase, exec, 0, exec.length);
  }

  #clear(): void {
    this.#count = 0;
    this.#missing = 0;
    this.#position = 0;
    if (this.#buffer.length > bufferBytesKept) this.#buffer = viewedBytes(bufferBytesInitial);
  }

  #open(db: Database, wordCount: number, targets: number): void {
    if (this.#missing > 0) throw new Error("a propagated command has too few words");
    this.#missing = wordCount;
    this.#database = db.index;
    this.#target = targets;
    this.#reserve(headBytesMax);
    this.#writeNumberLine(asterisk, wordCount);
  }

  #drop(): void {
    this.#missing = 0;
    this.#position = this.#starts[this.#count];
  }

  #writeHead(length: number): void {
    this.#reserve(length + headBytesMax);
    this.#writeNumberLine(dollar, length);
  }

  #writeNumberLine(first: number, value: number): void {
    const buffer = this.#buffer;
    buffer[this.#position] = first;
    const at = writeInteger(buffer, this.#position + 1, value);
    buffer[at] = carriageReturn;
    buffer[at + 1] = lineFeed;
    this.#position = at + 2;
  }

  #endWord(at: number): void {
    this.#buffer[at] = carriageReturn;
    this.#buffer[at + 1] = lineFeed;
    this.#position = at + 2;
    if (--this.#missing > 0) return;
    this.#databases[this.#count] = this.#database;
    this.#targets[this.#count] = this.#target;
    this.#starts[++this.#count] = this.#position;
  }

  #reserve(size: number): void {
    const needed = this.#position + size;
    if (needed <= this.#buffer.length) return;
    const grown = viewedBytes(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#position));
    this.#buffer = grown;
  }
}

/**
 * The length of a request that stands in its buffer as it would be encoded; 0 when it does not: it
 * was sent inline, or its numbers have leading zeros, or it is a copy. The parser has seen to it
 * that `$` and digits stand before an argument, so distances and line ends tell.
 */
function encodedLength(args: Slices): number {
  const { bytes, offsets, lengths, count } = args;
  let expected = offsets[0];
  for (let index = 0; index < count; index++) {
    const length = lengths[index];
    const offset = offsets[index];
    if (offset !== expected || bytes[offset - 1] !== lineFeed) return 0;
    const end = offset + length;
    if (bytes[end] !== carriageReturn || bytes[end + 1] !== lineFeed) return 0;
    const next = index + 1 < count ? lengths[index + 1] : 0;
    expected += length + lineEndBytes + headLength(next);
  }
  const headEnd = offsets[0] - headLength(lengths[0]);
  const start = headEnd - headLength(count);
  if (start < 0 || bytes[start] !== asterisk || bytes[headEnd - 1] !== lineFeed) return 0;
  return offsets[count - 1] + lengths[count - 1] + lineEndBytes - start;
}

/** Of the line `$<number>`. */
function headLength(value: number): number {
  if (value < 10) return 4;
  return value < 100 ? 5 : 3 + integerLength(value);
}

function largeInteger(value: number): string {
  return BigInt(Math.max(-largestDouble, Math.min(value, largestDouble))).toString();
}

/** The command that deletes a key, freeing its memory at once or later. */
export function deletionWord(isLazy: boolean): string {
  return isLazy ? "UNLINK" : "DEL";
}
