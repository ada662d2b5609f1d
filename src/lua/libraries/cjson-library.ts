// The cjson library as Redis builds it (deps/lua/src/lua_cjson.c): `encode`, `decode` and their
// settings, which each `new` has for itself.

import { argumentFailure, integerArgument, stringArgument } from "../argument.ts";
import type { Interpreter } from "../interpreter.ts";
import { madeString } from "../pattern.ts";
import { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";
import { decodeJson } from "./json-decoder.ts";
import type { DecodeSettings } from "./json-decoder.ts";
import { encodeJson, jsonNull } from "./json-encoder.ts";
import type { EncodeSettings } from "./json-encoder.ts";

const intMax = 0x7fff_ffff;
const onOff = ["off", "on"];

export function installCjson(interpreter: Interpreter): void {
  interpreter.globals.setString("cjson", makeCjson());
}

function makeCjson(): LuaTable {
  const encoding: EncodeSettings = {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    depthMax: 1000,
    invalidNumbers: "off",
    precision: 14,
  };
  const decoding: DecodeSettings = { depthMax: 1000, invalidNumbers: true };
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    encode: (...args) => madeString(encodeJson(onlyArgument(args), encoding)),
    decode: (...args) => {
      onlyArgument(args);
      return decodeJson(stringArgument(args, 0), decoding);
    },
    ...encodeOptions(encoding),
    ...decodeOptions(decoding),
    new: () => makeCjson(),
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  library.setString("null", jsonNull);
  library.setString("_NAME", "cjson");
  library.setString("_VERSION", "2.1.0");
  return library;
}

function onlyArgument(args: readonly unknown[]): unknown {
  if (args.length !== 1) throw argumentFailure(0, "expected 1 argument");
  return args[0];
}

function encodeOptions(settings: EncodeSettings): Readonly<Record<string, LuaFunction>> {
  let keepsBuffer = true;
  return {
    encode_sparse_array: (...args) => {
      checkCount(args, 3);
      settings.sparseConvert =
        chosen(args, 0, onOff, settings.sparseConvert ? "on" : "off") === "on";
      settings.sparseRatio = integerOption(args, 1, settings.sparseRatio, 0, intMax);
      settings.sparseSafe = integerOption(args, 2, settings.sparseSafe, 0, intMax);
      return [settings.sparseConvert, settings.sparseRatio, settings.sparseSafe];
    },
    encode_max_depth: (...args) => {
      checkCount(args, 1);
      settings.depthMax = integerOption(args, 0, settings.depthMax, 1, intMax);
      return settings.depthMax;
    },
    encode_number_precision: (...args) => {
      checkCount(args, 1);
      settings.precision = integerOption(args, 0, settings.precision, 1, 14);
      return settings.precision;
    },
    encode_keep_buffer: (...args) => {
      checkCount(args, 1);
      // Memory is the host's affair; the setting is there to be asked for.
      keepsBuffer = chosen(args, 0, onOff, keepsBuffer ? "on" : "off") === "on";
      return keepsBuffer;
    },
    encode_invalid_numbers: (...args) => {
      checkCount(args, 1);
      const options = ["off", "on", "null"];
      const choice = chosen(args, 0, options, settings.invalidNumbers);
      settings.invalidNumbers = choice as EncodeSettings["invalidNumbers"];
      return choice === "null" ? choice : choice === "on";
    },
  };
}

function decodeOptions(settings: DecodeSettings): Readonly<Record<string, LuaFunction>> {
  return {
    decode_max_depth: (...args) => {
      checkCount(args, 1);
      settings.depthMax = integerOption(args, 0, settings.depthMax, 1, intMax);
      return settings.depthMax;
    },
    decode_invalid_numbers: (...args) => {
      checkCount(args, 1);
      const choice = chosen(args, 0, onOff, settings.invalidNumbers ? "on" : "off");
      settings.invalidNumbers = choice === "on";
      return settings.invalidNumbers;
    },
  };
}

function checkCount(args: readonly unknown[], max: number): void {
  if (args.length > max) throw argumentFailure(max, "found too many arguments");
}

function integerOption(
  args: readonly unknown[],
  at: number,
  current: number,
  min: number,
  max: number,
): number {
  if (args[at] === undefined) return current;
  const value = integerArgument(args, at) | 0;
  if (value < min || value > max) {
    throw argumentFailure(0, `expected integer between ${min} and ${max}`);
  }
  return value;
}

/** One of the options, or a boolean for the first two. */
function chosen(
  args: readonly unknown[],
  at: number,
  options: readonly string[],
  current: string,
): string {
  const given = args[at];
  if (given === undefined) return current;
  if (typeof given === "boolean") return options[given ? 1 : 0];
  const name = stringArgument(args, at);
  if (!options.includes(name)) throw argumentFailure(at, `invalid option '${name}'`);
  return name;
}
