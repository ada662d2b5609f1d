// Functions: libraries of Lua code that are data, kept and replicated like keys, and FCALL.
//
// A library's code runs once, when it is loaded, and may do nothing but register functions. Its
// globals are a table of its own that is empty and passes every look-up on: while a library is
// loaded to little more than `register_function`, later to what scripts have.
import { latin1 } from "../../bytes/ascii.ts";
import { Failure } from "../../keyspace/failure.ts";
import { failureOf } from "../../lua/call-sites.ts";
import type { Interpreter } from "../../lua/interpreter.ts";
import { LuaError } from "../../lua/lua-error.ts";
import { LuaSyntaxError } from "../../lua/lexer.ts";
import { LuaTable } from "../../lua/table.ts";
import type { Context } from "../command.ts";
import type { Engine } from "../engine.ts";
import { isFunctionName, makeRegister } from "./function-registration.ts";
import { FunctionSet } from "./function-set.ts";
import type { Library, LibraryFunction } from "./function-set.ts";
import { keyCountOf, tableOf } from "./script-arguments.ts";
import { ScriptKilled, messageOf } from "./script-error.ts";
import { commandBitsOf, parseShebang } from "./script-flags.ts";
import { luaStateBytes, forbidMissing, makeInterpreter, protectDeeply } from "./script-globals.ts";
import { errorOf } from "./redis-library.ts";

/** So many functions Redis deletes at once even when it need not; more than that lazily. */
const eagerFunctionsMax = 64;
/** How long a library may take to load, when a client brings it. */
const loadMsMax = 500;
const wrongLibraryName =
  "Library names can only contain letters, numbers, or underscores(_) and must be at least one " +
  "character long";
const notFound = new Failure("ERR Function not found");
const badKeyCount = new Failure("ERR Bad number of keys provided");
const libraryNotFound = new Failure("ERR Library not found");

export interface LoadOptions {
  readonly replaces: boolean;
  /** It comes from a client, and must not take long. */
  readonly isLimited: boolean;
}

/** Lua for functions: another state than that of scripts. */
interface FunctionState {
  readonly interpreter: Interpreter;
  /** What functions have for globals. */
  readonly globals: LuaTable;
  /** Of `globals`: says where look-ups go. */
  readonly metatable: LuaTable;
  /** Where they go while a library is loaded. */
  readonly loading: LuaTable;
}

export class Functions {
  set = new FunctionSet();
  readonly #engine: Engine;
  #state: FunctionState | undefined;
  /** Of the library that is loaded. */
  #registered: Map<string, LibraryFunction> | undefined;
  /** When the library that is loaded must be done; Infinity: whenever. */
  #loadEndUs = Infinity;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Memory of the Lua state with its functions. */
  get stateBytes(): number {
    return this.#state === undefined ? 0 : luaStateBytes(this.set.functionCount);
  }

  #lua(): FunctionState {
    this.#state ??= this.#makeState();
    return this.#state;
  }

  #makeState(): FunctionState {
    const { library, limits, processorSeconds } = this.#engine.scripting;
    const interpreter = makeInterpreter(library.makeTable(), limits, processorSeconds);
    forbidMissing(interpreter.globals);
    protectDeeply(interpreter.globals);
    const redis = library.makeLoggingTable();
    redis.setString(
      "register_function",
      makeRegister(() => this.#registered),
    );
    forbidMissing(redis);
    const loading = LuaTable.fromFields(["redis"], [redis]);
    forbidMissing(loading);
    protectDeeply(loading);
    const metatable = LuaTable.fromFields(["__index"], [interpreter.globals]);
    metatable.isReadonly = true;
    const globals = new LuaTable();
    globals.setMetatable(metatable);
    globals.isReadonly = true;
    return { interpreter, globals, metatable, loading };
  }

  /** FUNCTION LOAD: the library's name. Throws a Failure. */
  load(code: Uint8Array, options: LoadOptions): string {
    const result = this.loadInto(this.set, code, options);
    if (typeof result === "string") throw new Failure(`ERR ${result}`);
    this.#changed();
    return result.name;
  }

  /** Adds a library to a set; a text says why it could not. */
  loadInto(set: FunctionSet, code: Uint8Array, options: LoadOptions): Library | string {
    const source = latin1(code, 0, code.length);
    const head = readLibraryHead(source);
    if (typeof head === "string") return head;
    const { name, end } = head;
    const old = set.libraries.get(name);
    if (old !== undefined && !options.replaces) return `Library '${name}' already exists`;
    const functions = this.#register(source.slice(end), options);
    if (typeof functions === "string") return functions;
    if (functions.size === 0) return "No functions registered";
    const library: Library = { name, code, functions };
    if (old !== undefined) set.remove(old);
    const taken = set.takenName(library);
    if (taken === undefined) {
      set.add(library);
      return library;
    }
    if (old !== undefined) set.add(old);
    return `Function ${taken} already exists`;
  }

  /** Runs a library's code; what it has registered, or what was wrong. */
  #register(source: string, options: LoadOptions): Map<string, LibraryFunction> | string {
    const { interpreter, globals, metatable, loading } = this.#lua();
    const registered = new Map<string, LibraryFunction>();
    const { clock } = this.#engine.host;
    this.#registered = registered;
    this.#loadEndUs = options.isLimited ? clock.monotonicUs() + loadMsMax * 1000 : Infinity;
    metatable.setString("__index", loading);
    try {
      interpreter.call(interpreter.compile(source, "@user_function", globals));
      return registered;
    } catch (error) {
      if (error instanceof LuaSyntaxError) return `Error compiling function: ${error.message}`;
      if (!(error instanceof LuaError) && !(error instanceof ScriptKilled)) throw error;
      return `Error registering functions: ${messageOf(error)}`;
    } finally {
      metatable.setString("__index", interpreter.globals);
      this.#registered = undefined;
    }
  }

  /** Ends the loading of a library that takes too long; called now and then while Lua runs. */
  checkLoading(): void {
    if (this.#registered === undefined) return;
    if (this.#engine.host.clock.monotonicUs() <= this.#loadEndUs) return;
    throw new ScriptKilled(failureOf(errorOf("FUNCTION LOAD timeout")));
  }

  /** FUNCTION DELETE. Throws a Failure. */
  delete(name: string): void {
    const library = this.set.libraries.get(name);
    if (library === undefined) throw libraryNotFound;
    this.set.remove(library);
    this.#changed();
  }

  /** FUNCTION FLUSH; whether what is deleted counts as freed in the background. */
  flush({ isLazy }: { readonly isLazy: boolean }): void {
    const { functionCount } = this.set;
    if (isLazy && functionCount > eagerFunctionsMax) {
      this.#engine.keyspace.statistics.lazyFreed += functionCount + 1;
    }
    this.clear();
    this.#changed();
  }

  /** The same, told to nobody. */
  clear(): void {
    this.set = new FunctionSet();
    this.#state = undefined;
  }

  /** FUNCTION RESTORE: libraries by their codes. Throws a Failure. */
  restore(codes: readonly Uint8Array[], policy: "flush" | "append" | "replace"): void {
    const set = new FunctionSet();
    for (const code of codes) {
      const result = this.loadInto(set, code, { replaces: false, isLimited: false });
      if (typeof result === "string") throw new Failure(`ERR ${result}`);
    }
    if (policy === "flush") {
      this.set = set;
    } else {
      const reason = this.set.join(set, { replaces: policy === "replace" });
      if (reason !== undefined) throw new Failure(`ERR ${reason}`);
    }
    this.#changed();
  }

  /** Counts as a change of the data: it is propagated, and saved. */
  #changed(): void {
    this.#engine.keyspace.dirty++;
  }

  /** The bits of an FCALL, given the command's own: the function may have said what it does. */
  bitsOf(own: number, name: string): number {
    const found = this.set.find(name);
    return found === undefined ? own : commandBitsOf(own, found.flags);
  }

  /** FCALL and FCALL_RO. Throws a Failure. */
  call(context: Context, isReadOnly: boolean): void {
    const { engine, args } = context;
    engine.scripting.showToMonitors(context);
    const found = this.set.find(args.latin1(1));
    if (found === undefined) throw notFound;
    const keyCount = keyCountOf(args, badKeyCount);
    const { name, flags, callback } = found;
    const values = [tableOf(args, 3, 3 + keyCount), tableOf(args, 3 + keyCount, args.count)];
    const call = { name, isEval: false, isReadOnly, flags };
    engine.scripting.invoke(context, call, this.#lua().interpreter, callback, values);
  }
}

/** The name in a library's first line and where its code begins; a text says what is wrong. */
function readLibraryHead(source: string): { readonly name: string; readonly end: number } | string {
  if (!source.startsWith("#!")) return "Missing library metadata";
  const shebang = parseShebang(source);
  if (shebang?.words === undefined || shebang.words.length === 0) {
    return "Invalid library metadata";
  }
  const { words, end } = shebang;
  let name: string | undefined;
  for (const word of words.slice(1)) {
    if (!/^name=/i.test(word)) return `Invalid metadata value given: ${word}`;
    if (name !== undefined) {
      return "Invalid metadata value, name argument was given multiple times";
    }
    name = word.slice("name=".length);
  }
  if (name === undefined) return "Library name was not given";
  if (!isFunctionName(name)) return wrongLibraryName;
  const language = words[0].slice(2);
  return language.toLowerCase() === "lua" ? { name, end } : `Engine '${language}' not found`;
}
