// Loads the append-only file: the base, an RDB file or commands, then the incremental files in
// order, a slice at a time. Only the last file may end in the middle; it is cut there if the
// configuration allows it. Texts are those of Redis's aof.c.
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { AofFile, AofManifest } from "./aof-manifest.ts";
import type { AofPlace } from "./aof-manifest-file.ts";
import { aofPath } from "./aof-manifest-file.ts";
import type { AofListener } from "./aof-reader.ts";
import { AofError, AofReader } from "./aof-reader.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { FileSource } from "./file-source.ts";
import type { RdbListener } from "./rdb-loader.ts";
import { RdbLoader } from "./rdb-loader.ts";
import { RdbError, RdbReader } from "./rdb-reader.ts";

const noBytes = new Uint8Array(0);
const signature = "REDIS";

export interface AofLoadOptions {
  readonly place: AofPlace;
  /** `aof-load-truncated`. */
  readonly cutsTornEnd: boolean;
  /** A value of `maxmemory-policy`. */
  readonly policy: string;
  /** `rdbchecksum`. */
  readonly checksum: "compared" | "ignored";
}

/** Hears what is loaded, and runs it. */
export interface AofLoadListener extends AofListener {
  readonly rdb: RdbListener;
  log(level: "notice" | "warning", text: string): void;
  /** A file is done: the base or an incremental one. */
  fileLoaded(name: string, kind: "base" | "incr"): void;
  /** The last transaction has no end: whoever runs commands must forget it. */
  transactionDropped(): void;
}

interface Part {
  readonly file: AofFile;
  readonly kind: "base" | "incr";
  readonly size: number;
}

/** A file that was cut because it ended in the middle. */
export interface AofCut {
  readonly name: string;
  /** Bytes that were left, and bytes that were cut off. */
  readonly keptBytes: number;
  readonly lostBytes: number;
}

export class AofLoader {
  readonly totalBytes: number;
  /** Of the base file, from which the next rewrite is reckoned; 0 when there is none. */
  readonly baseBytes: number;
  cut: AofCut | undefined;
  readonly #keyspace: Keyspace;
  readonly #disk: Disk;
  readonly #options: AofLoadOptions;
  readonly #listener: AofLoadListener;
  readonly #parts: Part[] = [];
  #partIndex = 0;
  /** Bytes of the files that are done. */
  #doneBytes = 0;
  #open: DiskFile | undefined;
  #preamble: RdbLoader | undefined;
  #commands: AofReader | undefined;

  /** Throws an `AofError` when a file of the manifest is not there. */
  constructor(
    keyspace: Keyspace,
    disk: Disk,
    manifest: AofManifest,
    options: AofLoadOptions,
    listener: AofLoadListener,
  ) {
    this.#keyspace = keyspace;
    this.#disk = disk;
    this.#options = options;
    this.#listener = listener;
    if (manifest.base !== undefined) this.#addPart(manifest.base, "base");
    for (const file of manifest.incrementals) this.#addPart(file, "incr");
    this.totalBytes = this.#parts.reduce((sum, { size }) => sum + size, 0);
    this.baseBytes = manifest.base === undefined ? 0 : this.#parts[0].size;
  }

  #addPart(file: AofFile, kind: "base" | "incr"): void {
    try {
      const opened = this.#disk.open(aofPath(this.#options.place, file.name), "read");
      this.#parts.push({ file, kind, size: opened.size() });
      opened.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new AofError(
        `Unable to obtain the AOF file ${file.name} length. stat: ${error.message}`,
        0,
      );
    }
  }

  /** The file that is being loaded. */
  get fileName(): string {
    return this.#parts[Math.min(this.#partIndex, this.#parts.length - 1)]?.file.name ?? "";
  }

  get loadedBytes(): number {
    return this.#doneBytes + (this.#commands?.offset ?? this.#preamble?.offset ?? 0);
  }

  /**
   * Goes on for about so many bytes; whether all is loaded. Throws an `AofError` when the files
   * cannot be loaded; the log has been told what to do about it.
   */
  step(bytesMax: number): boolean {
    const part = this.#parts.at(this.#partIndex);
    if (part === undefined) return true;
    try {
      this.#stepPart(part, bytesMax);
    } catch (error) {
      this.close();
      if (!(error instanceof DiskError)) throw error;
      throw new AofError(
        `Unrecoverable error reading the append only file ${part.file.name}: ${error.message}`,
        0,
      );
    }
    return this.#partIndex === this.#parts.length;
  }

  #stepPart(part: Part, bytesMax: number): void {
    if (part.size === 0) {
      this.#finishPart(part);
      return;
    }
    this.#open ??= this.#begin(part);
    if (this.#commands === undefined) this.#stepPreamble(part, this.#open, bytesMax);
    else if (this.#commands.step(bytesMax)) {
      this.#settle(part, this.#commands);
      this.#listener.fileLoaded(part.file.name, part.kind);
      this.#finishPart(part);
    }
  }

  /** Opens the file and sees of which kind it is. */
  #begin({ file }: Part): DiskFile {
    const opened = this.#disk.open(aofPath(this.#options.place, file.name), "read");
    const { policy, checksum } = this.#options;
    if (!startsLikeRdb(opened)) {
      this.#startCommands(file, opened, 0);
      return opened;
    }
    const isOldStyle = file.name === this.#options.place.fileName;
    this.#listener.log(
      "notice",
      isOldStyle
        ? "Reading RDB preamble from AOF file..."
        : "Reading RDB base file on AOF loading...",
    );
    const options = { policy, checksum, duplicates: "refused", expired: "kept" } as const;
    const reader = new RdbReader(noBytes, 0, 0, new FileSource(opened));
    this.#preamble = new RdbLoader(this.#keyspace, reader, options, this.#listener.rdb);
    return opened;
  }

  #startCommands({ name }: AofFile, opened: DiskFile, start: number): void {
    this.#commands = new AofReader(opened, { name, start }, this.#listener);
  }

  #stepPreamble({ file }: Part, opened: DiskFile, bytesMax: number): void {
    const preamble = this.#preamble;
    if (preamble === undefined) return;
    const isOldStyle = file.name === this.#options.place.fileName;
    try {
      if (!preamble.step(bytesMax)) return;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.#listener.log("warning", error.message);
      const what = isOldStyle ? "RDB preamble of the AOF file" : "RDB base file";
      throw new AofError(
        `Error reading the ${what} ${file.name}, AOF loading aborted`,
        error.offset,
      );
    }
    if (isOldStyle) this.#listener.log("notice", "Reading the remaining AOF tail...");
    this.#startCommands(file, opened, preamble.offset);
  }

  /** Cuts off what is torn, or refuses to. */
  #settle({ file, size }: Part, { isTruncated, isTransactionOpen, validBytes }: AofReader): void {
    if (!isTruncated) return;
    const { name } = file;
    const listener = this.#listener;
    if (isTransactionOpen)
      listener.log("warning", `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`);
    if (!this.#options.cutsTornEnd) {
      throw new AofError(
        `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup ` +
          "of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. " +
          "2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and " +
          "restart the server.",
        validBytes,
      );
    }
    listener.log("warning", `!!! Warning: short read while loading the AOF file ${name}!!!`);
    // Redis differs: it cuts the file first and fails then. The file is left as it was found.
    // One that is begun and not written to does not make the one before it less the last.
    if (this.#parts.slice(this.#partIndex + 1).some((each) => each.size > 0)) {
      throw new AofError("Fatal error: the truncated file is not the last file", validBytes);
    }
    listener.log("warning", `!!! Truncating the AOF ${name} at offset ${validBytes} !!!`);
    this.#truncate(name, validBytes);
    listener.transactionDropped();
    this.cut = { name, keptBytes: validBytes, lostBytes: size - validBytes };
    listener.log("warning", `AOF ${name} loaded anyway because aof-load-truncated is enabled`);
  }

  #truncate(name: string, length: number): void {
    try {
      const file = this.#disk.open(aofPath(this.#options.place, name), "append");
      file.truncate(length);
      file.sync();
      file.close();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw new AofError(`Error truncating the AOF file ${name}: ${error.message}`, length);
    }
  }

  #finishPart({ size }: Part): void {
    this.close();
    this.#doneBytes += size;
    this.#partIndex++;
  }

  /** Gives the open file back, when loading is given up. */
  close(): void {
    this.#open?.close();
    this.#open = undefined;
    this.#preamble = undefined;
    this.#commands = undefined;
  }
}

function startsLikeRdb(file: DiskFile): boolean {
  const bytes = new Uint8Array(signature.length);
  const count = file.read(bytes, 0, bytes.length, 0);
  return count === bytes.length && String.fromCharCode(...bytes) === signature;
}
