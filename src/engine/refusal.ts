// Why a request is turned away before its command runs: who asks, what state the session and the
// server are in. Redis's processCommand asks the same questions in the same order.
import type { Slices } from "../bytes/slices.ts";
import type { Failure } from "../keyspace/failure.ts";
import { outOfMemory } from "../keyspace/failure.ts";
import type { Engine } from "./engine.ts";
import {
  loading,
  noAuth,
  noKeyspace,
  noReplicas,
  notInTransaction,
  onlyForSubscribers,
  primaryDown,
  readOnlyReplica,
} from "./failures.ts";
import { engineGate, sessionGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

/** Of commands that look at keys or change them. */
const dataBits = commandBit.write | commandBit.readOnly | commandBit.mayReplicate;

/** Why the session may not run the command now, if it may not. */
export function refusalOf(
  engine: Engine,
  session: Session,
  command: RegisteredCommand,
  args: Slices,
): Failure | undefined {
  if (session.isReplay) return undefined;
  const isStranger = (session.gates & sessionGate.unauthenticated) !== 0;
  if (isStranger && engine.access.isLoginNeeded && !command.has(commandBit.noAuth)) return noAuth;
  const isInMulti = session.transaction !== undefined;
  if (isInMulti && command.has(commandBit.noMulti)) return notInTransaction;
  if ((session.gates & sessionGate.restricted) !== 0) {
    const denied = engine.access.refusal(session, command, args);
    if (denied !== undefined) return denied;
  }
  const isListening = (session.gates & sessionGate.subscribed) !== 0 && session.protocol === 2;
  if (isListening && command.declaration.isForSubscribers !== true) {
    return onlyForSubscribers(command);
  }
  if ((session.gates & (sessionGate.monitor | sessionGate.replica)) !== 0 && command.has(dataBits))
    return noKeyspace;
  if (engine.gates === 0) return undefined;
  return refusalByState(engine, session, command, command.bitsFor(args, engine));
}

/** Why the server cannot run the command in the state that it is in. */
function refusalByState(
  engine: Engine,
  session: Session,
  command: RegisteredCommand,
  bits: number,
): Failure | undefined {
  const { gates } = engine;
  const isBusy = (gates & engineGate.busy) !== 0;
  // Nothing is evicted in the middle of a script.
  const isLimited = (gates & engineGate.memoryLimit) !== 0 && !isBusy;
  if (isLimited && engine.memoryLimit.refuses(session, command, bits)) return outOfMemory;
  if ((gates & engineGate.unsaved) !== 0 && asksToKeep(session, command, bits)) {
    const { refusal } = engine.host.persistence;
    if (refusal !== undefined) return refusal;
  }
  if ((gates & engineGate.fewReplicas) !== 0 && writes(session, command, bits)) return noReplicas;
  if ((gates & engineGate.readOnly) !== 0 && writes(session, command, bits)) return readOnlyReplica;
  if ((gates & engineGate.staleData) !== 0 && lacks(session, command, bits, commandBit.stale)) {
    return primaryDown;
  }
  if ((gates & engineGate.loading) !== 0 && lacks(session, command, bits, commandBit.loading)) {
    return loading;
  }
  const isAsync = (gates & engineGate.asyncLoading) !== 0;
  if (isAsync && command.has(commandBit.noAsyncLoading)) return loading;
  return isBusy && !command.has(commandBit.allowBusy)
    ? engine.scripting.run.busyFailure
    : undefined;
}

/** Whether the command, or one of the transaction that it runs, has not what the state asks for. */
function lacks(
  { transaction }: Session,
  command: RegisteredCommand,
  bits: number,
  bit: number,
): boolean {
  if ((bits & bit) === 0) return true;
  if (transaction === undefined || command.declaration.runsTransaction !== true) return false;
  return transaction.queue.some((each) => !each.command.has(bit));
}

function asksToKeep(session: Session, command: RegisteredCommand, bits: number): boolean {
  return command.declaration.isHealthCheck === true || writes(session, command, bits);
}

function writes({ transaction }: Session, command: RegisteredCommand, bits: number): boolean {
  if ((bits & commandBit.write) !== 0) return true;
  if (transaction === undefined || command.declaration.runsTransaction !== true) return false;
  return (transaction.bits & commandBit.write) !== 0;
}

/** Says in the log that a replica is answered: it takes that for a part of the stream. */
export function tellMisuse(
  { statistics, host }: Engine,
  session: Session,
  command: RegisteredCommand | undefined,
  { text }: Failure,
): void {
  if (command !== undefined) session.lastCommand = command;
  statistics.unexpectedErrors++;
  host.log(
    "warning",
    `== CRITICAL == This master is sending an error to its replica: '-${text}' after processing ` +
      `the command '${command?.fullName ?? "<unknown>"}'`,
  );
}
