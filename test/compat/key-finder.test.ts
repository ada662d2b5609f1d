// Key specifications mean here what they mean to Redis: we take those of all its commands from
// COMMAND INFO, also of the many that we have not, and compare what follows from them.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { slicesOf } from "../../src/bytes/slices.ts";
import type { CommandDeclaration, CommandFlag } from "../../src/engine/command.ts";
import { FoundKeys, findKeys } from "../../src/engine/key-finder.ts";
import { RegisteredCommand } from "../../src/engine/registered-command.ts";
import type { KeySpec } from "../../src/engine/syntax.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import type { Reply } from "../support/reply.ts";
import { parseReplies } from "../support/reply.ts";

type Fields = Map<string, Reply>;

describe("key specifications mean what they mean to Redis", { skip: reasonToSkip() }, () => {
  let real: RealRedis;
  const infos = new Map<string, Reply[]>();
  before(async () => {
    real = await RealRedis.start();
    const [, bytes] = await real.run([["HELLO", 3], ["COMMAND"]]);
    for (const info of parseReplies(bytes)[0] as Reply[][]) infos.set(info[0] as string, info);
  });
  after(() => real.stop());

  it("to clients that know only first key, last key and step", () => {
    let withKeys = 0;
    for (const [name, info] of infos) {
      const { legacyKeys, flags } = registered(info);
      const { firstKey, lastKey, step } = legacyKeys;
      assert.deepEqual([firstKey, lastKey, step], info.slice(3, 6), name);
      assert.deepEqual(flags.includes("movablekeys"), hasFlag(info, "movablekeys"), name);
      if (firstKey > 0) withKeys++;
    }
    assert.ok(withKeys > 100, `only ${withKeys} commands had keys`);
  });

  it("to COMMAND GETKEYSANDFLAGS", async () => {
    const found = new FoundKeys();
    for (const request of requests) {
      const words = request.split(" ");
      const [bytes] = await real.run([["COMMAND", "GETKEYSANDFLAGS", ...words]]);
      const theirs = parseReplies(bytes)[0] as [string, string[]][];
      findKeys(registered(infos.get(words[0]) ?? []), slicesOf(words), found);
      const ours = found.indexes
        .slice(0, found.count)
        .map((index, at) => [
          words[index],
          found.access[at].map((flag) => flag.toLowerCase()).toSorted(),
        ]);
      const expected = theirs.map(([key, flags]) => [
        key,
        flags.map((flag) => flag.toLowerCase()).toSorted(),
      ]);
      assert.deepEqual(ours, expected, request);
    }
  });
});

/** All kinds of specifications; without the commands that have code of their own to find keys. */
const requests: readonly string[] = [
  "get a",
  "bitop AND dest a b c",
  "blpop a b 0",
  "brpoplpush a b 0",
  "blmpop 0 2 a b LEFT",
  "lmpop 1 a LEFT",
  "lmove a b LEFT LEFT",
  "sinterstore dest a b",
  "sintercard 2 a b LIMIT 1",
  "smove a b member",
  "zunionstore dest 2 a b WEIGHTS 1 2",
  "zunion 3 a b c",
  "zmpop 1 a MIN",
  "zrangestore dest a 0 1",
  "xread COUNT 2 STREAMS a b 0 0",
  "xread streams a 0",
  "xreadgroup GROUP g c COUNT 1 STREAMS a b c > > >",
  "eval script 2 a b c",
  "evalsha sum 1 a",
  "fcall name 2 a b",
  "pfcount a b",
  "pfmerge dest a b",
  "geosearchstore dest a FROMMEMBER m BYRADIUS 1 m",
  "msetnx a 1 b 2",
  "touch a b",
  "watch a b",
  "restore a 0 x",
];

function registered(info: Reply[]): RegisteredCommand {
  const declaration: CommandDeclaration = {
    name: info[0] as string,
    summary: "One of Redis's commands.",
    since: "1.0.0",
    group: "generic",
    complexity: "",
    flags: (info[2] as CommandFlag[]).filter((flag) => flag !== "movablekeys"),
    words: [],
    keySpecs: (info[8] as Fields[]).map((spec) => keySpecOf(spec)),
  };
  return new RegisteredCommand(declaration);
}

function hasFlag(info: Reply[], flag: string): boolean {
  return (info[2] as string[]).includes(flag);
}

function keySpecOf(spec: Fields): KeySpec {
  return {
    flags: (spec.get("flags") as string[]).map((flag) => flag.toUpperCase()),
    begin: beginOf(spec.get("begin_search") as Fields),
    find: findOf(spec.get("find_keys") as Fields),
  };
}

function beginOf(search: Fields): KeySpec["begin"] {
  const spec = search.get("spec") as Fields;
  if (search.get("type") === "index") return { index: spec.get("index") as number };
  if (search.get("type") === "unknown") return "unknown";
  return { keyword: spec.get("keyword") as string, startFrom: spec.get("startfrom") as number };
}

function findOf(search: Fields): KeySpec["find"] {
  const spec = search.get("spec") as Map<string, number>;
  const number = (field: string): number => spec.get(field) ?? NaN;
  if (search.get("type") === "unknown") return "unknown";
  if (search.get("type") === "range") {
    return { lastKey: number("lastkey"), step: number("keystep"), limit: number("limit") };
  }
  return {
    keyNumIndex: number("keynumidx"),
    firstKey: number("firstkey"),
    step: number("keystep"),
  };
}
