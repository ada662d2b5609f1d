// The manifest of the append-only file: which files it consists of, in the order in which they are
// loaded. A base file, or none, holds the data set of an instant; the incremental files what was
// written after; history files wait to be deleted. As text, a line each:
//
//   file appendonly.aof.2.base.rdb seq 2 type b
//   file appendonly.aof.1.incr.aof seq 1 type h
//   file appendonly.aof.2.incr.aof seq 2 type i
//
// Nothing here touches a disk; the limits and the words of the errors are those of Redis's aof.c.
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import { Slices } from "../bytes/slices.ts";
import { splitInline } from "../resp/inline.ts";

const lineBytesMax = 1024;
const lineFeed = 0x0a;

/** Kinds of files, by the letter that stands for them. */
export const aofType = { base: "b", history: "h", incremental: "i" } as const;

export interface AofFile {
  /** A name in the directory of the append-only file. */
  readonly name: string;
  readonly sequence: number;
}

export interface AofManifest {
  base: AofFile | undefined;
  history: AofFile[];
  /** Sequence numbers grow from one to the next. */
  incrementals: AofFile[];
}

export function emptyManifest(): AofManifest {
  return { base: undefined, history: [], incrementals: [] };
}

/** The manifest cannot be read. */
export class ManifestError extends Error {
  override name = "ManifestError";
  /** What Redis tells its log of it, an entry each. */
  readonly logLines: readonly string[];

  constructor(reason: string, line?: { number: number; text: string }) {
    super(reason);
    const place =
      line === undefined
        ? []
        : [`Reading the manifest file, at line ${line.number}\n`, `>>> '${line.text}'\n`];
    this.logLines = ["\n*** FATAL AOF MANIFEST FILE ERROR ***\n", ...place, `${reason}\n`];
  }
}

/** Reads a manifest. Throws a `ManifestError`. */
export function parseManifest(bytes: Uint8Array): AofManifest {
  const manifest = emptyManifest();
  let number = 0;
  for (let at = 0; at < bytes.length;) {
    const end = pieceEnd(bytes, at);
    number++;
    parseLine(manifest, latin1(bytes, at, end), number);
    at = end;
  }
  if (number === 0) throw new ManifestError("Found an empty AOF manifest");
  return manifest;
}

/** Redis reads a line up to its limit, and what is beyond as the next one. */
function pieceEnd(bytes: Uint8Array, start: number): number {
  const feed = bytes.indexOf(lineFeed, start);
  const lineEnd = feed < 0 ? bytes.length : feed + 1;
  return Math.min(lineEnd, start + lineBytesMax);
}

function parseLine(manifest: AofManifest, piece: string, number: number): void {
  if (piece.startsWith("#")) return;
  if (!piece.endsWith("\n") || piece.includes("\0")) {
    throw new ManifestError("The AOF manifest file contains too long line");
  }
  const text = piece.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  const fail = (reason: string): never => {
    throw new ManifestError(reason, { number, text });
  };
  const words = wordsOf(text);
  // More pairs than the three we know may come from a later version.
  if (words.length < 6 || words.length % 2 !== 0) fail("Invalid AOF manifest file format");
  let name = "";
  let sequence = 0;
  let type = "";
  for (let index = 0; index < words.length; index += 2) {
    const value = words[index + 1];
    const key = words[index].toLowerCase();
    if (key === "file") {
      name = decodeName(value);
      if (/[/\\]/.test(name)) fail("File can't be a path, just a filename");
    } else if (key === "seq") sequence = Number.parseInt(value, 10) || 0;
    else if (key === "type") type = value.slice(0, 1);
  }
  if (name === "" || sequence === 0 || type === "") fail("Invalid AOF manifest file format");
  const reason = add(manifest, { name, sequence }, type);
  if (reason !== undefined) fail(reason);
}

/** Words as strings of a character a byte; none when a quote is not closed. */
function wordsOf(text: string): string[] {
  const bytes = asciiBytes(text);
  const words = new Slices();
  if (!splitInline(bytes, 0, bytes.length, words)) return [];
  return Array.from({ length: words.count }, (_, index) => words.latin1(index));
}

function add(manifest: AofManifest, file: AofFile, type: string): string | undefined {
  if (type === aofType.base) {
    if (manifest.base !== undefined) return "Found duplicate base file information";
    manifest.base = file;
  } else if (type === aofType.history) {
    manifest.history.push(file);
  } else if (type === aofType.incremental) {
    const last = manifest.incrementals.at(-1)?.sequence ?? 0;
    if (file.sequence <= last) return "Found a non-monotonic sequence number";
    manifest.incrementals.push(file);
  } else return "Unknown AOF file type";
  return undefined;
}

/** The manifest as text: base, history, incremental files. */
export function formatManifest({ base, history, incrementals }: AofManifest): Uint8Array {
  const lines = [
    ...(base === undefined ? [] : [formatLine(base, aofType.base)]),
    ...history.map((file) => formatLine(file, aofType.history)),
    ...incrementals.map((file) => formatLine(file, aofType.incremental)),
  ];
  return asciiBytes(lines.join(""));
}

function formatLine({ name, sequence }: AofFile, type: string): string {
  return `file ${quoteIfNeeded(encodeName(name))} seq ${sequence} type ${type}\n`;
}

/** Names are UTF-8 in the manifest; here and above they are handled as a character a byte. */
function encodeName(name: string): string {
  const bytes = new TextEncoder().encode(name);
  return latin1(bytes, 0, bytes.length);
}

function decodeName(word: string): string {
  return new TextDecoder().decode(asciiBytes(word));
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

/** A string of a character a byte, as Redis prints one that has blanks, quotes or worse in it. */
function quoteIfNeeded(text: string): string {
  // Redis differs: it does not quote a name with a single quote, which it then cannot read.
  if (/^[!#-&(-[\]-~]*$/.test(text)) return text;
  const quoted = Array.from(text, (character) => {
    if (/^[ -~]$/.test(character)) return escapes[character] ?? character;
    return escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${quoted.join("")}"`;
}
