// Checks an append-only file as Redis's redis-check-aof does and says the same of it: one file,
// with or without an RDB preamble, or all files of a manifest. Cuts off what is not valid when it
// is told to, and from the last file only. It reads as Redis does to the letter (lines of C's
// fgets, numbers of strtol), so that offsets and texts are the same.
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { AofFile } from "./aof-manifest.ts";
import { ManifestError, parseManifest } from "./aof-manifest.ts";
import { readWhole } from "./aof-manifest-file.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { LineReader } from "./line-reader.ts";
import { RdbCheck } from "./rdb-check.ts";

/** What fgets takes at once: a number's line, a note between commands. */
const numberLineMax = 127;
const noteLineMax = 1023;
const rdbBytesMin = 8;
const nameBytesMax = 5;

export interface AofCheckOptions {
  /** Whether the invalid end is cut off, if `confirm` agrees. */
  readonly fixes: boolean;
  /** Seconds since 1970: what is noted to be later is cut off. 0: nothing is. */
  readonly untilSeconds: number;
}

/** What the check needs of the program around it. */
export interface CheckHost {
  readonly disk: Disk;
  /** For the values of an RDB file, which are built and thrown away. */
  readonly keyspace: Keyspace;
  readonly print: (line: string) => void;
  /** Shows the question and waits for the answer. */
  readonly confirm: (question: string) => boolean;
}

/** The check has ended badly, and has said why. */
export class CheckFailure extends Error {
  override name = "CheckFailure";
}

type Outcome = "valid" | "empty" | "cut" | "cut in time";

export class AofCheck {
  readonly #host: CheckHost;
  readonly #options: AofCheckOptions;
  /** Counted over all files, as Redis does. */
  #line = 1;
  /** Where the last read began. */
  #readOffset = 0;
  #error = "";
  #openTransactions = 0;

  constructor(host: CheckHost, options: AofCheckOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Checks the file, whatever it is. Throws a `CheckFailure` when it is not valid. */
  run(path: string): void {
    const { print } = this.#host;
    if (this.#isManifest(path)) this.#checkManifest(path);
    else {
      const isRdb = this.#isRdb(path);
      print("Start checking Old-Style AOF");
      this.#tellOutcome(this.#checkFile(path, path, true, isRdb), path, "AOF");
    }
  }

  #fail(text: string): never {
    this.#host.print(text);
    throw new CheckFailure(text);
  }

  #open(path: string, mode: "read" | "append", ending = ""): DiskFile {
    try {
      // Opening for appending would make a file that is not there.
      if (mode === "append") this.#host.disk.open(path, "read").close();
      return this.#host.disk.open(path, mode);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return this.#fail(`Cannot open file ${path}: ${error.message}${ending}`);
    }
  }

  #isManifest(path: string): boolean {
    const file = this.#open(path, "read");
    const reader = new LineReader(file, 0);
    let line = reader.line(numberLineMax * 8);
    while (line?.startsWith("#") === true) line = reader.line(numberLineMax * 8);
    file.close();
    return line?.startsWith("file") === true;
  }

  #isRdb(path: string): boolean {
    const file = this.#open(path, "read");
    const signature = new LineReader(file, 0).line(5);
    const isRdb = file.size() >= rdbBytesMin && signature === "REDIS";
    file.close();
    return isRdb;
  }

  #checkManifest(path: string): void {
    const { print } = this.#host;
    print("Start checking Multi Part AOF");
    const { base, incrementals } = this.#manifest(path);
    const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
    const directory = slash < 0 ? "." : path.slice(0, slash);
    if (base !== undefined) {
      const basePath = `${directory}/${base.name}`;
      const isRdb = this.#isRdb(basePath);
      print(`Start to check BASE AOF (${isRdb ? "RDB" : "RESP"} format).`);
      const outcome = this.#checkFile(base.name, basePath, incrementals.length === 0, isRdb);
      this.#tellOutcome(outcome, base.name, "BASE AOF");
    }
    if (incrementals.length > 0) print("Start to check INCR files.");
    for (const [index, { name }] of incrementals.entries()) {
      const isLast = index === incrementals.length - 1;
      const outcome = this.#checkFile(name, `${directory}/${name}`, isLast, false);
      this.#tellOutcome(outcome, name, "INCR AOF");
    }
    print("All AOF files and manifest are valid");
  }

  #manifest(path: string): { base: AofFile | undefined; incrementals: AofFile[] } {
    try {
      return parseManifest(readWhole(this.#host.disk, path));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      for (const line of error.logLines) this.#host.print(line);
      throw new CheckFailure(error.message);
    }
  }

  #tellOutcome(outcome: Outcome, name: string, kind: string): void {
    const { print } = this.#host;
    if (outcome === "valid") print(`${kind} ${name} is valid`);
    else if (outcome === "empty") print(`${kind} ${name} is empty`);
    else if (outcome === "cut") print(`Successfully truncated AOF ${name}`);
    else print(`Successfully truncated AOF ${name} to timestamp ${this.#options.untilSeconds}`);
  }

  #checkFile(name: string, path: string, isLast: boolean, isRdb: boolean): Outcome {
    const file = this.#open(path, "append", ", aborting...");
    try {
      const size = file.size();
      if (size === 0) return "empty";
      const start = isRdb ? this.#checkPreamble(file, name) : 0;
      const reader = new LineReader(file, start);
      const validTo = this.#checkCommands(reader, name, path);
      if (validTo.isLater) return this.#cutInTime(file, path, reader.offset, isLast);
      return this.#settle(file, name, size, validTo.offset, isLast);
    } finally {
      file.close();
    }
  }

  #checkPreamble(file: DiskFile, name: string): number {
    const { keyspace, print } = this.#host;
    print(`[offset 0] Checking RDB file ${name}`);
    const check = new RdbCheck(keyspace, file, print);
    if (!check.run()) this.#fail("RDB preamble of AOF file is not sane, aborting.");
    print("RDB preamble is OK, proceeding with AOF tail...");
    return check.offset;
  }

  /** Up to where commands are whole; `isLater`: the reader is before a note that is too late. */
  #checkCommands(
    reader: LineReader,
    name: string,
    path: string,
  ): { offset: number; isLater: boolean } {
    let offset = reader.offset;
    this.#openTransactions = 0;
    for (;;) {
      if (this.#openTransactions === 0) ({ offset } = reader);
      const first = reader.peek();
      if (first === undefined) break;
      if (first === "#") {
        if (this.#isLater(reader)) return { offset, isLater: true };
      } else if (first !== "*") {
        this.#host.print(`AOF ${name} format error`);
        return { offset, isLater: false };
      } else if (!this.#checkCommand(reader, path)) break;
    }
    if (this.#openTransactions !== 0 && this.#error === "" && reader.isAtEnd) {
      this.#note("Reached EOF before reading EXEC for MULTI");
    }
    if (this.#error !== "") this.#host.print(this.#error);
    return { offset, isLater: false };
  }

  #note(text: string): false {
    this.#error = `0x${this.#readOffset.toString(16).padStart(16, " ")}: ${text}`;
    return false;
  }

  #checkCommand(reader: LineReader, path: string): boolean {
    const count = this.#number(reader, "*");
    if (count === undefined) return false;
    for (let index = 0; index < count; index++) {
      const text = this.#argument(reader);
      if (text === undefined) return false;
      if (index > 0) continue;
      const word = text.toLowerCase();
      if (word === "multi" && this.#openTransactions++ !== 0) {
        return this.#note(`Unexpected MULTI in AOF ${path}`);
      }
      if (word === "exec" && --this.#openTransactions !== 0) {
        return this.#note(`Unexpected EXEC in AOF ${path}`);
      }
    }
    return true;
  }

  #number(reader: LineReader, prefix: string): number | undefined {
    this.#readOffset = reader.offset;
    const line = reader.line(numberLineMax);
    if (line === undefined) return undefined;
    if (!line.startsWith(prefix)) {
      this.#note(`Expected prefix '${prefix}', got: '${line.slice(0, 1)}'`);
      return undefined;
    }
    const digits = /^\s*[+-]?\d+/.exec(line.slice(1))?.[0] ?? "";
    return this.#isNewline(line.slice(1 + digits.length)) ? Number(digits) : undefined;
  }

  /** The argument if it is as short as the words we look for, else some text. */
  #argument(reader: LineReader): string | undefined {
    const length = this.#number(reader, "$");
    if (length === undefined) return undefined;
    if (length < 0 || length > Number.MAX_SAFE_INTEGER) {
      const range = "which is not in the suitable range";
      this.#note(`Expected to read string of ${length} bytes, ${range}`);
      return undefined;
    }
    this.#readOffset = reader.offset;
    const wanted = length + 2;
    const text = length <= nameBytesMax ? reader.text(length) : "";
    const got = length <= nameBytesMax ? text.length : reader.skip(length);
    const end = reader.text(2);
    if (got + end.length !== wanted) {
      this.#note(`Expected to read ${wanted} bytes, got ${got + end.length} bytes`);
      return undefined;
    }
    return this.#isNewline(end) ? text : undefined;
  }

  #isNewline(text: string): boolean {
    if (!text.startsWith("\r\n")) {
      this.#note(`Expected \\r\\n, got: ${hexByte(text, 0)}${hexByte(text, 1)}`);
      return false;
    }
    this.#line++;
    return true;
  }

  /** Whether a note says that the time that was asked for is over; then it is not passed over. */
  #isLater(reader: LineReader): boolean {
    const { untilSeconds } = this.#options;
    const start = reader.offset;
    const line = reader.line(noteLineMax) ?? "";
    if (untilSeconds === 0 || !line.startsWith("#TS:")) return false;
    const match = /^#TS:(\s*[+-]?\d+)\r/.exec(line);
    if (match === null) this.#fail("Invalid timestamp annotation");
    if (Number(match[1]) <= untilSeconds) return false;
    reader.seek(start);
    return true;
  }

  #cutInTime(file: DiskFile, path: string, offset: number, isLast: boolean): Outcome {
    const { untilSeconds } = this.#options;
    if (offset === 0) {
      this.#fail(`AOF ${path} has nothing before timestamp ${untilSeconds}, aborting...`);
    }
    if (!isLast) {
      this.#host.print(
        `Failed to truncate AOF ${path} to timestamp ${untilSeconds} to offset ${offset} because ` +
          "it is not the last file.",
      );
      this.#fail(
        "If you insist, please delete all files after this file according to the manifest file " +
          "and delete the corresponding records in manifest file manually. Then re-run " +
          "redis-check-aof.",
      );
    }
    this.#cut(file, offset, `Failed to truncate AOF ${path} to timestamp ${untilSeconds}`);
    return "cut in time";
  }

  #cut(file: DiskFile, offset: number, failure: string): void {
    try {
      file.truncate(offset);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#fail(failure);
    }
  }

  #settle(file: DiskFile, name: string, size: number, validTo: number, isLast: boolean): Outcome {
    const { print, confirm } = this.#host;
    const { fixes, untilSeconds } = this.#options;
    const rest = size - validTo;
    if (rest === 0 && untilSeconds !== 0) {
      print(`Truncate nothing in AOF ${name} to timestamp ${untilSeconds}`);
      return "valid";
    }
    print(
      `AOF analyzed: filename=${name}, size=${size}, ok_up_to=${validTo}, ` +
        `ok_up_to_line=${this.#line}, diff=${rest}`,
    );
    if (rest === 0) return "valid";
    if (!fixes) {
      this.#fail(`AOF ${name} is not valid. Use the --fix option to try fixing it.`);
    }
    if (!isLast) this.#fail(`Failed to truncate AOF ${name} because it is not the last file`);
    print(
      `This will shrink the AOF ${name} from ${size} bytes, with ${rest} bytes, ` +
        `to ${validTo} bytes`,
    );
    if (!confirm("Continue? [y/N]: ")) this.#fail("Aborting...");
    this.#cut(file, validTo, `Failed to truncate AOF ${name}`);
    return "cut";
  }
}

/** A byte as C prints a char of it; what is behind the text counts as 0. */
function hexByte(text: string, index: number): string {
  const byte = index < text.length ? text.charCodeAt(index) : 0;
  const widened = byte > 127 ? (byte | 0xffffff00) >>> 0 : byte;
  return widened.toString(16).padStart(2, "0");
}
