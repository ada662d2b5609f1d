// Scripts: EVAL and its like, and what they share with functions.
//
// The Lua state is made when the first script comes: a server without scripts pays nothing. A
// script runs inside the command that asks for it, so no other client sees it half done; the clock
// stands still meanwhile, and what it changes is propagated command by command, as one unit.
import type { Slices } from "../../bytes/slices.ts";
import { Failure } from "../../keyspace/failure.ts";
import { failureOf } from "../../lua/call-sites.ts";
import { notEnoughMemory } from "../../lua/caught-error.ts";
import type { Interpreter, InterpreterLimits } from "../../lua/interpreter.ts";
import { LuaSyntaxError } from "../../lua/lexer.ts";
import type { LuaTable } from "../../lua/table.ts";
import type { LuaFunction } from "../../lua/values.ts";
import type { Context } from "../command.ts";
import type { Engine } from "../engine.ts";
import { engineGate } from "../gate.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import { errorOf, RedisLibrary } from "./redis-library.ts";
import { writeValue } from "./lua-to-reply.ts";
import type { ReplyTarget } from "./lua-to-reply.ts";
import { Functions } from "./functions.ts";
import { keyCountOf, tableOf } from "./script-arguments.ts";
import { ScriptCache, sourceOf } from "./script-cache.ts";
import type { Script } from "./script-cache.ts";
import { describeError, ScriptKilled } from "./script-error.ts";
import { readScriptHead } from "./script-flags.ts";
import { luaStateBytes, forbidMissing, makeInterpreter, protectDeeply } from "./script-globals.ts";
import { refusalOfScript } from "./script-refusal.ts";
import { ScriptRun } from "./script-run.ts";
import type { ScriptCall } from "./script-run.ts";

/** Loop turns and calls between two looks at the clock. */
const budget = 100_000;
/** Memory that a script takes between two looks at how much there is left. */
const allocationStep = 64 * 1024 * 1024;

const minus = 0x2d;

const notBusy = new Failure("NOTBUSY No scripts in execution right now.");
const sentByPrimary = new Failure(
  "UNKILLABLE The busy script was sent by a master instance in the context of replication and " +
    "cannot be killed.",
);
const hasWritten = new Failure(
  "UNKILLABLE Sorry the script already executed write commands against the dataset. You can " +
    "either wait the script termination or kill the server in a hard way using the SHUTDOWN " +
    "NOSAVE command.",
);
const noScript = new Failure("NOSCRIPT No matching script. Please use EVAL.");

export class Scripting {
  readonly cache: ScriptCache;
  readonly run: ScriptRun;
  readonly library: RedisLibrary;
  readonly functions: Functions;
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may run what is barred to them. */
  runsEverything = false;
  readonly #engine: Engine;
  /** Other clients are served in the middle of a script. */
  #isServing = false;
  #interpreter: Interpreter | undefined;
  readonly #replyTarget: ReplyTarget;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.cache = new ScriptCache(engine.keyspace);
    this.run = new ScriptRun(engine);
    this.#replyTarget = { reply: engine.reply, statistics: engine.statistics, run: this.run };
    this.library = new RedisLibrary(engine, this.run);
    this.functions = new Functions(engine);
  }

  /** Whether what runs now is a script's. */
  get isRunning(): boolean {
    return this.run.isRunning && !this.#isServing;
  }

  /** Memory of the Lua state with its scripts. */
  get stateBytes(): number {
    return this.#interpreter === undefined ? 0 : luaStateBytes(this.cache.count);
  }

  /** What holds for every call into Lua. */
  get limits(): InterpreterLimits {
    return {
      budget,
      onBudget: () => this.#interrupt(),
      allocationSize: allocationStep,
      onAllocation: (allocated) => {
        if (this.#engine.host.isHeapShort()) throw notEnoughMemory();
        return allocated + allocationStep;
      },
    };
  }

  /** Compiles a script if it is new. Throws a Failure. */
  load(args: Slices, index: number, isTransient: boolean): Script {
    const known = this.cache.findByText(args, index);
    if (known !== undefined) return known;
    const body = args.copy(index);
    const source = sourceOf(body);
    const { flags, end } = readScriptHead(source);
    const main = this.#compile(source.slice(end));
    return this.cache.add(body, source, { flags, main, isTransient });
  }

  #compile(source: string): LuaFunction {
    try {
      return this.#state().compile(source, "@user_script");
    } catch (error) {
      if (!(error instanceof LuaSyntaxError)) throw error;
      throw new Failure(`ERR Error compiling script (new function): ${error.message}`);
    }
  }

  #state(): Interpreter {
    this.#interpreter ??= this.#makeInterpreter();
    return this.#interpreter;
  }

  #makeInterpreter(): Interpreter {
    const redis = this.library.makeTable();
    redis.setString("breakpoint", (() => false) satisfies LuaFunction);
    redis.setString("debug", (() => []) satisfies LuaFunction);
    redis.setString("replicate_commands", (() => true) satisfies LuaFunction);
    const interpreter = makeInterpreter(redis, this.limits, this.processorSeconds);
    const { globals } = interpreter;
    globals.setString("__redis__err__handler", ((...args) => args[0]) satisfies LuaFunction);
    forbidMissing(globals);
    protectDeeply(globals);
    return interpreter;
  }

  readonly processorSeconds = (): number => this.#engine.host.clock.monotonicUs() / 1e6;

  /** The flags of the script that a request runs, by its text or its digest, if they can be had. */
  flagsOf(args: Slices): number | undefined {
    const known = this.cache.findByDigest(args, 1) ?? this.cache.findByText(args, 1);
    if (known !== undefined) return known.flags;
    try {
      return readScriptHead(args.latin1(1)).flags;
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }

  /** EVAL and EVAL_RO. */
  evaluate(context: Context, isReadOnly: boolean): void {
    this.showToMonitors(context);
    const { args } = context;
    const keyCount = keyCountOf(args);
    this.#runScript(context, this.load(args, 1, true), keyCount, isReadOnly);
  }

  /** EVALSHA and EVALSHA_RO. */
  evaluateDigest(context: Context, isReadOnly: boolean): void {
    this.showToMonitors(context);
    const { args } = context;
    const script = this.cache.findByDigest(args, 1);
    const keyCount = keyCountOf(args);
    if (script === undefined) throw noScript;
    this.#runScript(context, script, keyCount, isReadOnly);
  }

  #runScript(context: Context, script: Script, keyCount: number, isReadOnly: boolean): void {
    const interpreter = this.#state();
    const { globals } = interpreter;
    const { args } = context;
    if (script.usesKeys) globals.setString("KEYS", tableOf(args, 3, 3 + keyCount));
    if (script.usesArguments) globals.setString("ARGV", tableOf(args, 3 + keyCount, args.count));
    const call = isReadOnly ? script.readOnlyCall : script.call;
    this.invoke(context, call, interpreter, script.main);
    this.cache.used(script);
  }

  /** Calls a script's or a function's code, and replies with what it returns. */
  invoke(
    context: Context,
    call: ScriptCall,
    interpreter: Interpreter,
    main: LuaFunction,
    values?: readonly unknown[],
  ): void {
    const { session, reply, args } = context;
    const refusal = refusalOfScript(this.#engine, session, call);
    if (refusal !== undefined) throw refusal;
    const { db } = session;
    const { lastCommand } = session;
    const mark = reply.position;
    this.run.begin(session, args, call);
    try {
      writeValue(
        this.#replyTarget,
        values === undefined ? interpreter.callForFirst(main) : interpreter.call(main, values)[0],
      );
      if (reply.buffer[mark] === minus) this.#noteFailure();
    } catch (thrown) {
      reply.position = mark;
      this.#fail(context, thrown);
    } finally {
      session.db = db;
      session.lastCommand = lastCommand;
      if (this.run.isAbandoned) this.#engine.propagation.abandon();
      this.run.end();
    }
  }

  #fail({ reply }: Context, thrown: unknown): void {
    const failure = describeError(thrown, this.run.name);
    if (failure === undefined) throw thrown;
    if (!failure.isCounted) throw new Failure(failure.text);
    reply.failure(new Failure(failure.text));
    this.#noteFailure();
  }

  /** The command that runs a script has failed if its reply is an error. */
  #noteFailure(): void {
    const { current } = this.#engine;
    if (current !== undefined) current.failedCalls++;
  }

  /** A script's command was turned away. */
  noteRejection(command: RegisteredCommand | undefined, error: LuaTable): void {
    if (command !== undefined) command.rejectedCalls++;
    this.#engine.statistics.countError(new Failure(String(error.getString("err"))));
  }

  /** EVAL is shown before what it runs. */
  showToMonitors({ session, args }: Context): void {
    const engine = this.#engine;
    if ((engine.gates & engineGate.monitored) === 0) return;
    const { current } = engine;
    if (current !== undefined) engine.monitors.showScript(session, current, args);
  }

  /** Called now and then while a script runs. */
  #interrupt(): number {
    const { run } = this;
    if (!run.isRunning) {
      this.functions.checkLoading();
      return budget;
    }
    if (run.isBusy || this.#isTooLong()) this.#serveOthers();
    if (run.isKilled) throw this.#killed();
    return budget;
  }

  #isTooLong(): boolean {
    const { run } = this;
    const { host } = this.#engine;
    const { busyReplyThreshold } = host.settings;
    const { durationMs } = run;
    if (busyReplyThreshold === 0 || durationMs < busyReplyThreshold) return false;
    run.isBusy = true;
    const killer = run.isEval ? "SCRIPT KILL" : "FUNCTION KILL";
    host.log(
      "warning",
      `Slow script detected: still in execution after ${durationMs} milliseconds. You can try ` +
        `killing the script using the ${killer} command. Script name is: ${run.name}.`,
    );
    return true;
  }

  #serveOthers(): void {
    const { session } = this.run;
    // What is read from a file is not interrupted.
    if (session === undefined || session.isFromFile) return;
    const engine = this.#engine;
    this.#isServing = true;
    try {
      engine.serveMeanwhile(() => engine.host.serveMeanwhile(session));
    } finally {
      this.#isServing = false;
    }
  }

  /** The server goes down: the script that runs ends, whatever it has done. */
  abandon(): void {
    if (!this.run.isRunning) return;
    this.run.isKilled = true;
    this.run.isAbandoned = true;
  }

  #killed(): ScriptKilled {
    this.#engine.host.log("notice", "Lua script killed by user with SCRIPT KILL.");
    return new ScriptKilled(failureOf(errorOf("Script killed by user with SCRIPT KILL...")));
  }

  /** SCRIPT KILL and FUNCTION KILL: the script that runs will end. Throws a Failure. */
  kill({ isEval }: { readonly isEval: boolean }): void {
    const { run } = this;
    if (!run.isRunning) throw notBusy;
    if (run.session?.isPrimary === true) throw sentByPrimary;
    if (run.hasWritten) throw hasWritten;
    if (isEval !== run.isEval) throw run.busyFailure;
    run.isKilled = true;
  }

  /** SCRIPT FLUSH. */
  flush(): void {
    this.cache.clear();
    this.#interpreter = undefined;
  }
}
