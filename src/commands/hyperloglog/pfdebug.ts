import { command } from "../../engine/command.ts";
import type { Context } from "../../engine/command.ts";
import { key, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { findHyperLogLog, makeKeyDense } from "../../keyspace/hyperloglog.ts";
import type { Slice } from "../../bytes/slices.ts";
import {
  denseRegister,
  hllHeaderBytes,
  isDense,
  registerCount,
  runBytes,
  runLength,
  runValue,
} from "../../structures/hyperloglog.ts";
import { selfTest } from "../../structures/hyperloglog-self-test.ts";

const noKey = new Failure("ERR The specified key does not exist");
const notSparse = new Failure("ERR HLL encoding is not sparse");

export const pfdebug = command({
  name: "PFDEBUG",
  summary: "Shows what is inside a HyperLogLog, for tests.",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "N/A",
  flags: ["write", "denyoom", "admin"],
  isSystemCommand: true,
  words: [string("subcommand"), key("key", "RW access")],

  run(context) {
    const { args, db, reply } = context;
    const found = findHyperLogLog(db, args, 2);
    if (found === undefined) throw noKey;
    const subcommand = args.latin1(1);
    switch (subcommand.toLowerCase()) {
      case "getreg":
        replyRegisters(context);
        break;
      case "decode":
        if (isDense(found.bytes, found.offset)) throw notSparse;
        reply.bulkLatin1(decode(found));
        break;
      case "encoding":
        reply.simple(isDense(found.bytes, found.offset) ? "dense" : "sparse");
        break;
      case "todense":
        reply.integer(makeKeyDense(db, args, 2) ? 1 : 0);
        break;
      default:
        throw new Failure(`ERR Unknown PFDEBUG subcommand '${subcommand}'`);
    }
  },
});

function replyRegisters({ args, db, reply }: Context): void {
  makeKeyDense(db, args, 2);
  const dense = findHyperLogLog(db, args, 2);
  if (dense === undefined) throw noKey;
  reply.array(registerCount);
  for (let index = 0; index < registerCount; index++) {
    reply.integer(denseRegister(dense.bytes, dense.offset, index));
  }
}

/** The runs: `z:3` and `Z:100` are zeros, in one byte and in two; `v:2,4` is four times 2. */
function decode({ bytes, offset, length }: Slice): string {
  const runs: string[] = [];
  for (let at = offset + hllHeaderBytes; at < offset + length; at += runBytes(bytes, at)) {
    const value = runValue(bytes, at);
    const run = runLength(bytes, at);
    if (value > 0) runs.push(`v:${value},${run}`);
    else runs.push(`${runBytes(bytes, at) === 2 ? "Z" : "z"}:${run}`);
  }
  return runs.join(" ");
}

export const pfselftest = command({
  name: "PFSELFTEST",
  summary: "Tests the implementation of HyperLogLogs.",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "N/A",
  flags: ["admin"],
  isSystemCommand: true,
  words: [],

  run({ db, reply }) {
    const fault = selfTest(db.keyspace.random, db.keyspace.limits.hllSparseMaxBytes);
    if (fault !== undefined) throw new Failure(`TESTFAILED ${fault}`);
    reply.ok();
  },
});
