// Why a whole script may not run now. A script that says what it does is refused at once; one that
// says nothing is refused command by command, when it tries.
import { Failure } from "../../keyspace/failure.ts";
import type { Engine } from "../engine.ts";
import { noReplicas, primaryDown } from "../failures.ts";
import { engineGate } from "../gate.ts";
import type { Session } from "../session.ts";
import { scriptFlag } from "./script-flags.ts";
import type { ScriptCall } from "./script-run.ts";

const stale = new Failure(
  "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and " +
    "'allow-stale' flag is not set on the script.",
);
const readOnlyReplica = new Failure(
  "READONLY Can not run script with write flag on readonly replica",
);
const writesByReadOnly = new Failure(
  "ERR Can not execute a script with write flag using *_ro command.",
);
const noMemory = new Failure(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
);

/** The reason, if there is one. */
export function refusalOfScript(
  engine: Engine,
  session: Session,
  { flags, isReadOnly }: ScriptCall,
): Failure | undefined {
  const gates = session.isReplay ? 0 : engine.gates;
  const isStale = (gates & engineGate.staleData) !== 0;
  if ((flags & scriptFlag.compatible) !== 0) return isStale ? primaryDown : undefined;
  if (isStale && (flags & scriptFlag.allowStale) === 0) return stale;
  if ((flags & scriptFlag.noWrites) !== 0) return undefined;
  const refusal = refusalToWrite(engine, gates);
  if (refusal !== undefined) return refusal;
  if (isReadOnly) return writesByReadOnly;
  if ((gates & engineGate.fewReplicas) !== 0) return noReplicas;
  const isOver = (gates & engineGate.memoryLimit) !== 0 && engine.memoryLimit.isExhausted;
  return isOver && (flags & scriptFlag.allowOom) === 0 ? noMemory : undefined;
}

function refusalToWrite(engine: Engine, gates: number): Failure | undefined {
  if ((gates & engineGate.readOnly) !== 0) return readOnlyReplica;
  if ((gates & engineGate.unsaved) === 0) return undefined;
  return engine.host.persistence.refusal;
}
