// What the configuration asks of the file system, so that tests can hand in files of their own.
// `nodeFiles` is the real one. Paths are absolute. Failures are answered or thrown as a
// `FileError`, whose reason reads as C's strerror() does, because Redis's error texts contain it.

import * as fs from "node:fs";
import * as path from "node:path";
import { randomBytes } from "node:crypto";
import { decodeText, encodeText } from "./text.ts";

export interface ConfigFiles {
  workingDirectory(): string;
  /**
   * The absolute path of a directory that can be entered, as seen from another directory, or why it
   * cannot.
   */
  resolveDirectory(from: string, to: string): { path: string } | { reason: string };
  /**
   * Throws a FileError. `notFound` tells the file that is not there from the one that cannot be
   * read.
   */
  read(file: string): string;
  /** Names in a directory, "." and ".." left out; empty when it cannot be read. */
  list(directory: string): string[];
  exists(file: string): boolean;
  readStandardInput(): string;
  /**
   * Undefined when the file can be opened for appending (it is made if need be), else the reason.
   */
  checkAppend(file: string): string | undefined;
  /** Replaces the file so that a crash leaves the old or the new content. Throws a FileError. */
  replace(file: string, content: string): void;
}

export class FileError extends Error {
  readonly notFound: boolean;
  /** As strerror() puts it. */
  readonly reason: string;

  constructor(reason: string, options: { notFound: boolean }) {
    super(reason);
    this.name = "FileError";
    this.reason = reason;
    this.notFound = options.notFound;
  }
}

export const nodeFiles: ConfigFiles = {
  workingDirectory: () => process.cwd(),

  resolveDirectory(from, to) {
    const directory = path.resolve(from, to);
    try {
      if (to === "") return { reason: reasons.ENOENT };
      if (!fs.statSync(directory).isDirectory()) return { reason: reasons.ENOTDIR };
      fs.accessSync(directory, fs.constants.X_OK);
      // getcwd() answers with the real path, and so does CONFIG GET dir.
      return { path: fs.realpathSync(directory) };
    } catch (error) {
      return { reason: fileErrorOf(error).reason };
    }
  },

  read: (file) => attempt(() => decodeText(fs.readFileSync(file))),

  list(directory) {
    try {
      return fs.readdirSync(directory);
    } catch {
      return [];
    }
  },

  exists: (file) => fs.existsSync(file),

  readStandardInput: () => attempt(() => decodeText(fs.readFileSync(0))),

  checkAppend(file) {
    try {
      fs.closeSync(fs.openSync(file, "a"));
      return undefined;
    } catch (error) {
      return fileErrorOf(error).reason;
    }
  },

  replace: (file, content) => attempt(() => replaceFile(file, content)),
};

function replaceFile(file: string, content: string): void {
  const temporary = `${file}.${randomBytes(3).toString("hex")}`;
  const descriptor = fs.openSync(temporary, "wx", 0o644);
  try {
    try {
      fs.writeFileSync(descriptor, encodeText(content));
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(path.dirname(file));
}

/** Makes the renaming itself durable. Windows cannot open a directory, and needs no such step. */
function syncDirectory(directory: string): void {
  if (process.platform === "win32") return;
  const descriptor = fs.openSync(directory, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function attempt<Result>(operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    throw fileErrorOf(error);
  }
}

const reasons = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EROFS: "Read-only file system",
  ENOSPC: "No space left on device",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ELOOP: "Too many levels of symbolic links",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
};

function fileErrorOf(error: unknown): FileError {
  if (!(error instanceof Error)) throw error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = new Map<string, string>(Object.entries(reasons)).get(code);
  return new FileError(known ?? error.message, { notFound: code === "ENOENT" });
}
