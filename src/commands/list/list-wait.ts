// Waiting for lists: what BLPOP and its kin do when there is nothing to pop.
import type { Context } from "../../engine/command.ts";
import { findList } from "../../keyspace/list.ts";
import { recordType } from "../../keyspace/record.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";

export interface AwaitedLists {
  /** Argument indexes of the first key and of what follows the last. */
  readonly firstKey: number;
  readonly keysEnd: number;
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** Where waiting is not possible the reply is nil, not that of a wait in vain: as in Redis. */
  readonly isNilAtOnce?: boolean;
}

/** Takes from the list that was found, whose key is that argument, and replies. */
type Take = (context: Context, key: number, ref: Ref) => void;

/**
 * Takes from the first of the lists that is there, now or as soon as there is one. A key of another
 * type is an error now; later it is as good as none.
 */
export function takeFromLists(context: Context, lists: AwaitedLists, take: Take): void {
  const { args, db, engine } = context;
  const { firstKey, keysEnd, timeoutMs, isNilAtOnce } = lists;
  const keys: number[] = [];
  for (let key = firstKey; key < keysEnd; key++) {
    const ref = db.writeOfType(args, key, recordType.list);
    if (ref !== noRef) {
      take(context, key, ref);
      return;
    }
    keys.push(key);
  }
  engine.block(context, {
    keys,
    deadlineMs: timeoutMs === 0 ? 0 : db.keyspace.nowMs + timeoutMs,
    retry: (later) => takeLater(later, keys, take),
    timedOut: (reply) => {
      if (isNilAtOnce === true && engine.isInTransaction) reply.nil();
      else reply.nilArray();
    },
  });
}

function takeLater(context: Context, keys: readonly number[], take: Take): boolean {
  for (const key of keys) {
    const ref = findList(context.db, context.args, key);
    if (ref === noRef) continue;
    take(context, key, ref);
    return true;
  }
  return false;
}
