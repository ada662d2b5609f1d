// Where in a chunk the running code stands, found without any cost to code that runs well: the
// generator leaves a mark at every place that may fail, and when something does fail, the host's
// stack trace says at which column of the generated code each frame is.
//
// The generated code of a chunk is one line. Its marked form has \x01<number>\x02 before each such
// place; the number is an index into `sites`.

import { LuaError } from "./lua-error.ts";

/** What a value was before it was a value: `global 'x'`. */
export interface Subject {
  readonly kind: "global" | "local" | "upvalue" | "field" | "method";
  readonly name: string;
}

export interface Site {
  /** 0 for what runs before the first line of a function. */
  readonly line: number;
  /** The value that is called, indexed or computed with; the left operand. */
  readonly subject: Subject | undefined;
  /** The right operand. */
  readonly second: Subject | undefined;
  readonly isTailCall: boolean;
}

export interface Chunk {
  /** The name as given, for the host. */
  readonly name: string;
  /** The name as messages show it. */
  readonly shownName: string;
  readonly marked: string;
  readonly sites: readonly Site[];
  /** The site of each place that has a hint, which then needs no stack trace to be found. */
  readonly hintSites: readonly number[];
}

/** A place on Lua's stack; undefined stands for a host function. */
export type Level = { readonly chunk: Chunk; readonly site: Site } | undefined;

const chunks = new Map<number, Chunk>();
const sourcePrefix = "lua-chunk-";
// oxlint-disable-next-line no-control-regex -- no other characters are sure not to be in the code
const markPattern = /\x01(\d+)\x02/g;
/** How many frames of the host we look at, and how many when Lua's are not among those. */
const framesMax = 8;
const manyFramesMax = 5000;
let chunkCount = 0;

/** Forgets a chunk once its main function is gone. */
const forgotten = new FinalizationRegistry<number>((id) => chunks.delete(id));

/** Registers a chunk; its code must end with `sourceComment(id)`. */
export function registerChunk(chunk: Chunk): number {
  const id = ++chunkCount;
  chunks.set(id, chunk);
  return id;
}

export function forgetWith(main: object, id: number): void {
  forgotten.register(main, id);
}

export function sourceComment(id: number): string {
  return `\n//# sourceURL=${sourcePrefix}${id}`;
}

export function withoutMarks(marked: string): string {
  return marked.replace(markPattern, "");
}

/** Where each mark would be in the code without marks, in order, and the sites that they name. */
interface MarkedPlaces {
  readonly columns: number[];
  readonly sites: Site[];
}

const placesOfChunks = new WeakMap<Chunk, MarkedPlaces>();

function findPlaces(chunk: Chunk): MarkedPlaces {
  const known = placesOfChunks.get(chunk);
  if (known !== undefined) return known;
  const places: MarkedPlaces = { columns: [], sites: [] };
  let removed = 0;
  for (const match of chunk.marked.matchAll(markPattern)) {
    places.columns.push(match.index - removed);
    places.sites.push(chunk.sites[Number(match[1])]);
    removed += match[0].length;
  }
  placesOfChunks.set(chunk, places);
  return places;
}

/** The last marked place that is not behind `column` (0-based) of the code without marks. */
function findSite(chunk: Chunk, column: number): Site | undefined {
  const { columns, sites } = findPlaces(chunk);
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (columns[middle] <= column) low = middle + 1;
    else high = middle;
  }
  return sites[low - 1];
}

const keepFrames = (_error: Error, frames: NodeJS.CallSite[]): NodeJS.CallSite[] => frames;

function captureFrames(countMax: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const holder: { stack?: NodeJS.CallSite[] } = {};
  Error.prepareStackTrace = keepFrames;
  Error.stackTraceLimit = countMax;
  try {
    Error.captureStackTrace(holder, captureFrames);
    return holder.stack ?? [];
  } finally {
    if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", prepare);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * A level of Lua's stack as a frame of the host shows it; null for a frame that is none. Host
 * functions show only where they called into Lua: what does so has a name that ends in `FromHost`.
 */
function levelOf(frame: NodeJS.CallSite): Level | null {
  const source = frame.getScriptNameOrSourceURL();
  if (source?.startsWith(sourcePrefix) === true) {
    const chunk = chunks.get(Number(source.slice(sourcePrefix.length)));
    if (chunk === undefined) return null;
    const site = findSite(chunk, (frame.getColumnNumber() ?? 1) - 1);
    return site === undefined || site.line === 0 ? null : { chunk, site };
  }
  return frame.getFunctionName()?.endsWith("FromHost") === true ? undefined : null;
}

/** The level that far from the running host function, which is level 0. */
function findLevel(wanted: number, frames = captureFrames(framesMax)): Level {
  let passed = 0;
  let inner: Level;
  for (const frame of frames) {
    const level = levelOf(frame);
    if (level === null) continue;
    passed++;
    // A function that calls another of Lua's as its last act is gone from Lua's stack.
    const isGone = inner !== undefined && level?.site.isTailCall === true;
    if (passed === wanted) return isGone ? undefined : level;
    inner = level;
  }
  // Host functions that call themselves may fill all the frames that we have looked at.
  const isCut = frames.length === framesMax;
  return isCut ? findLevel(wanted, captureFrames(manyFramesMax)) : undefined;
}

/** The place of the running Lua code; undefined if host functions were called since. */
export function findCurrentPlace(): Level {
  return findLevel(1);
}

const chunksOfHints = new WeakMap<Int32Array, Chunk>();

/** Remembers whose hints these are. */
export function registerHints(hints: Int32Array, chunk: Chunk): void {
  chunksOfHints.set(hints, chunk);
}

/** The place in the code that has the hint `at`. */
export function placeOfHint(hints: Int32Array, at: number): Level {
  const chunk = chunksOfHints.get(hints);
  return chunk === undefined ? undefined : { chunk, site: chunk.sites[chunk.hintSites[at]] };
}

/** An error whose message has the place of the Lua code at a level in front. */
export function failure(message: string, wanted = 1): LuaError {
  const found = findLevel(wanted);
  // It was raised where the host was called, whatever place the message names.
  return wanted === 1 ? failureAt(message, found) : failureOf(placed(message, found));
}

/** The same where the place is known. */
export function failureAt(message: string, place: Level): LuaError {
  return new LuaError(placed(message, place), place?.chunk.name, place?.site.line);
}

function placed(message: string, level: Level): string {
  return level === undefined ? message : `${level.chunk.shownName}:${level.site.line}: ${message}`;
}

/** An error of any value that knows where it was raised. */
export function failureOf(value: unknown): LuaError {
  const found = findLevel(1);
  return new LuaError(value, found?.chunk.name, found?.site.line);
}
