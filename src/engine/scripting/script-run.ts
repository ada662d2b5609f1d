// The script that runs: for whom, what it may do, what it has done; and how its commands are run.
//
// A command of a script passes the checks that a client's does, with errors of their own, and then
// runs inside the command that runs the script: `Engine.runWithin`. There is one script at a time,
// so there is one object, and it is used again.
import type { Slices } from "../../bytes/slices.ts";
import { outOfMemory } from "../../keyspace/failure.ts";
import type { Failure } from "../../keyspace/failure.ts";
import type { Engine } from "../engine.ts";
import { busyEval, busyFunction, noReplicas, readOnlyReplica } from "../failures.ts";
import { engineGate, sessionGate } from "../gate.ts";
import { target } from "../propagation.ts";
import { commandBit } from "../registered-command.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import type { Session } from "../session.ts";
import { scriptFlag } from "./script-flags.ts";

const writingBits = commandBit.write | commandBit.mayReplicate;

export interface ScriptCall {
  /** SHA-1 of the script, or the function's name. */
  readonly name: string;
  readonly isEval: boolean;
  /** By one of the commands whose names end in `_RO`. */
  readonly isReadOnly: boolean;
  /** Bits of `scriptFlag`. */
  readonly flags: number;
}

export class ScriptRun {
  isRunning = false;
  /** The request that runs the script. */
  args: Slices | undefined;
  name = "";
  isEval = true;
  /** RESP version of the replies that the script gets: `redis.setresp`. */
  protocol = 2;
  /** A command that writes was let through. */
  hasWritten = false;
  /** Somebody wants it to end. */
  isKilled = false;
  /** It has run for so long that others are told. */
  isBusy = false;
  /** It is to leave nothing behind: the server goes down. */
  isAbandoned = false;
  startUs = 0;
  session: Session | undefined;
  #isReadOnly = false;
  #allowsOom = false;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  begin(session: Session, args: Slices, { name, isEval, isReadOnly, flags }: ScriptCall): void {
    this.isRunning = true;
    this.session = session;
    this.args = args;
    this.name = name;
    this.isEval = isEval;
    this.protocol = 2;
    this.hasWritten = false;
    this.isKilled = false;
    this.isBusy = false;
    this.isAbandoned = false;
    const declared = (flags & scriptFlag.compatible) === 0 ? flags : 0;
    this.#isReadOnly = isReadOnly || (declared & scriptFlag.noWrites) !== 0;
    this.#allowsOom = (declared & scriptFlag.allowOom) !== 0;
    // What runs scripts is timed each time.
    this.startUs = this.#engine.timing.startedUs;
  }

  end(): void {
    this.isRunning = false;
    this.session = undefined;
    this.args = undefined;
    this.#engine.propagation.scope = target.all;
  }

  /** What other clients are told while it is busy. */
  get busyFailure(): Failure {
    return this.isEval ? busyEval : busyFunction;
  }

  /** How long it has run. */
  get durationMs(): number {
    return Math.floor((this.#engine.host.clock.monotonicUs() - this.startUs) / 1000);
  }

  /** Why the script may not run this request; the text of an error, with or without its code. */
  refusalOf(command: RegisteredCommand | undefined, args: Slices): string | undefined {
    if (command === undefined) return "Unknown Redis command called from script";
    if (!command.acceptsCount(args.count) || command.subcommands.length > 0) {
      return "Wrong number of args calling Redis command from script";
    }
    const { bits } = command;
    if ((bits & commandBit.noScript) !== 0 && !this.#engine.scripting.runsEverything) {
      return "This Redis command is not allowed from script";
    }
    const { session } = this;
    if (session !== undefined && (session.gates | this.#engine.gates) !== 0) {
      const refusal = this.#refusalByState(session, command, args);
      if (refusal !== undefined) return refusal;
    }
    if ((bits & writingBits) !== 0) {
      if (this.#isReadOnly) return "Write commands are not allowed from read-only scripts.";
      if ((bits & commandBit.write) !== 0) this.hasWritten = true;
    }
    return undefined;
  }

  #refusalByState(session: Session, command: RegisteredCommand, args: Slices): string | undefined {
    const engine = this.#engine;
    const { gates } = engine;
    if (session.isReplay) return undefined;
    if ((gates & engineGate.staleData) !== 0 && !command.has(commandBit.stale)) {
      return "Can not execute the command on a stale replica";
    }
    if ((session.gates & sessionGate.restricted) !== 0) {
      const denied = engine.access.refusal(session, command, args, "lua");
      if (denied !== undefined) return `ACL failure in script: ${withoutCode(denied)}`;
    }
    // Once it has written it must be let go on: half a script would be worse.
    if (this.hasWritten || gates === 0) return undefined;
    if (this.#isReadOnly && command.has(writingBits)) return undefined;
    if (command.has(commandBit.write)) {
      const failure = this.#writeFailure(gates);
      if (failure !== undefined) return `-${failure.text}`;
    }
    const isOver = (gates & engineGate.memoryLimit) !== 0 && engine.memoryLimit.isExhausted;
    if (isOver && !this.#allowsOom && command.has(commandBit.denyOom)) {
      return `-${outOfMemory.text}`;
    }
    return undefined;
  }

  #writeFailure(gates: number): Failure | undefined {
    if ((gates & engineGate.readOnly) !== 0) return readOnlyReplica;
    if ((gates & engineGate.unsaved) !== 0) {
      const { refusal } = this.#engine.host.persistence;
      if (refusal !== undefined) return refusal;
    }
    return (gates & engineGate.fewReplicas) !== 0 ? noReplicas : undefined;
  }

  /**
   * Runs the command. Its reply stands at the returned place of the reply buffer, and the writer is
   * back where it was.
   */
  run(command: RegisteredCommand, args: Slices): number {
    const { reply } = this.#engine;
    const mark = reply.position;
    const { protocol } = reply;
    reply.protocol = this.protocol;
    if (this.session !== undefined) this.#engine.runWithin(this.session, command, args);
    reply.protocol = protocol;
    reply.position = mark;
    return mark;
  }
}

function withoutCode({ text }: Failure): string {
  return text.slice(text.indexOf(" ") + 1);
}
