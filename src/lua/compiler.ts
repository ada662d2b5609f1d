// From source text to a function of the host. The host's own compiler does the rest, lazily for
// functions that never run.

import { bindingNames, bindings } from "./bindings.ts";
import {
  forgetWith,
  registerChunk,
  registerHints,
  sourceComment,
  withoutMarks,
  type Chunk,
} from "./call-sites.ts";
import type { CodeModes } from "./code-context.ts";
import { noteEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { LuaSyntaxError, shownChunkName } from "./lexer.ts";
import { parseChunk } from "./parser.ts";
import { writeChunk } from "./statement-code.ts";
import type { LuaFunction } from "./values.ts";

type Factory = (
  bound: typeof bindings,
  chunk: Chunk,
  hints: Int32Array,
) => (environment: Environment) => LuaFunction;

/** Compiles a Latin-1 source to the chunk's main function. Throws a LuaSyntaxError. */
export function compileChunk(
  source: string,
  chunkName: string,
  environment: Environment,
  modes: CodeModes,
): LuaFunction {
  try {
    const { marked, sites, hintSites } = writeChunk(parseChunk(source, chunkName), modes);
    const shownName = shownChunkName(chunkName);
    const main = instantiate({ name: chunkName, shownName, marked, sites, hintSites })(environment);
    noteEnvironment(main, environment);
    return main;
  } catch (error) {
    // An expression of very many operators is a deep tree, to us and to the host.
    if (!(error instanceof RangeError)) throw error;
    throw new LuaSyntaxError(`${shownChunkName(chunkName)}:1: chunk has too many syntax levels`);
  }
}

function instantiate(chunk: Chunk): (environment: Environment) => LuaFunction {
  const id = registerChunk(chunk);
  // The parentheses tell the host to compile the main function at once: it would read its text
  // three times otherwise.
  const start = `"use strict";const{${bindingNames}}=$;return(E=>(`;
  // The marks' columns count from where the marked text starts.
  const code = `${start}\n${withoutMarks(chunk.marked)}))${sourceComment(id)}`;
  // oxlint-disable-next-line typescript/no-implied-eval -- Lua becomes code of the host
  const factory = new Function("$", "C", "H", code) as Factory;
  const hints = new Int32Array(chunk.hintSites.length);
  registerHints(hints, chunk);
  const make = factory(bindings, chunk, hints);
  return (environment) => {
    const main = make(environment);
    forgetWith(main, id);
    return main;
  };
}
