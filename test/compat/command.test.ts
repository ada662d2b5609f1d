// What COMMAND says of our commands, which is derived from their declarations, against what real
// Redis says of its own, field by field. Differences are on a list with the reason for each; one
// that is not there fails, and so does an entry that excuses nothing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import type { RegisteredCommand } from "../../src/engine/registered-command.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import type { Reply } from "../support/reply.ts";
import { parseReplies } from "../support/reply.ts";

/** What Redis added after the version that we compare with is not looked for there. */
const comparedVersion = "7.0.15";

/**
 * Fields by reason: `INFO <command> <path>` or `DOCS <command> <path>`, a path standing for all
 * below it.
 */
const knownDifferences: Readonly<Record<string, readonly string[]>> = {
  "a note on a key specification is a sentence of Redis's": [
    "INFO bitfield key_specs/0/notes",
    "INFO pfcount key_specs/0/notes",
    "INFO sort key_specs/1/notes",
    "INFO sort key_specs/2/notes",
    "INFO sort_ro key_specs/1/notes",
    "INFO xadd key_specs/0/notes",
    "INFO getex key_specs/0/notes",
    "INFO set key_specs/0/notes",
  ],
  "Redis says later that the old value is not read": ["INFO sinterstore key_specs/0/flags"],
  "Redis answers these later while it loads": [
    "INFO cluster|shards flags",
    "INFO cluster|slots flags",
  ],
  "Redis gave commands these tips later": [
    "INFO msetnx tips",
    "INFO acl|deluser tips",
    "INFO acl|save tips",
    "INFO acl|setuser tips",
    "INFO randomkey tips",
    "INFO scan tips",
    "INFO client|setname tips",
    "INFO config|resetstat tips",
    "INFO config|rewrite tips",
    "INFO latency|reset tips",
  ],
  "Redis 7.2 lets scripts wait in vain": ["INFO wait flags", "INFO wait categories"],
  "Redis 7.2 takes a request without arguments": [
    "INFO command|getkeys arity",
    "INFO command|getkeysandflags arity",
  ],
  "Redis documents these arguments since 7.2": [
    "DOCS command|getkeys arguments",
    "DOCS command|getkeysandflags arguments",
  ],
  "Redis 7.2 gave the argument a better name": [
    "DOCS cluster|addslotsrange arguments/0/name",
    "DOCS cluster|delslotsrange arguments/0/name",
    "DOCS cluster|meet arguments/2/name",
    "DOCS cluster|reset arguments/0/name",
    "DOCS cluster|setslot arguments/1/arguments/0/name",
    "DOCS cluster|setslot arguments/1/arguments/1/name",
    "DOCS cluster|setslot arguments/1/arguments/2/name",
    "DOCS acl|cat arguments/0/name",
    "DOCS function|flush arguments/0/name",
    "DOCS script|flush arguments/0/name",
    "DOCS lcs arguments/4/name",
    "DOCS mset arguments/0/name",
    "DOCS msetnx arguments/0/name",
    "DOCS client|kill arguments/0/arguments/0/name",
    "DOCS client|kill arguments/0/arguments/1/arguments/1/name",
    "DOCS client|kill arguments/0/arguments/1/arguments/3/name",
    "DOCS client|kill arguments/0/arguments/1/arguments/4/name",
    "DOCS client|list arguments/0/name",
    "DOCS client|reply arguments/0/name",
    "DOCS client|unblock arguments/1/name",
    "DOCS config|set arguments/0/name",
    "DOCS flushall arguments/0/name",
    "DOCS flushdb arguments/0/name",
    "DOCS hello arguments/0/arguments/1/name",
    "DOCS latency|histogram arguments/0/name",
    "DOCS shutdown arguments/0/name",
  ],
  "Redis 7.2 describes the same syntax with other words": [
    "DOCS cluster|meet arguments/2/since",
    "DOCS module|loadex arguments/2",
    "DOCS migrate arguments/2",
    "DOCS migrate arguments/7",
    "DOCS migrate arguments/8/name",
    "DOCS client|kill arguments/0/arguments/1/arguments/5",
    "DOCS client|list arguments/1",
    "DOCS config|get arguments/0",
  ],
  "Redis 7.2 shows these tokens in lower case": [
    "DOCS client|kill arguments/0/arguments/1/arguments/1/arguments",
    "DOCS client|list arguments/0/arguments",
  ],
  "Redis 7.2 calls these deprecated, since 2.6.12": [
    "DOCS psetex deprecated_since",
    "DOCS psetex doc_flags",
    "DOCS psetex replaced_by",
    "DOCS setex deprecated_since",
    "DOCS setex doc_flags",
    "DOCS setex replaced_by",
    "DOCS setnx deprecated_since",
    "DOCS setnx doc_flags",
    "DOCS setnx replaced_by",
  ],
  "Redis 7.2 corrected the version": ["DOCS client|pause since"],
  "Redis 7.2 and 7.4 describe these arguments anew: names, case of tokens, options": [
    "DOCS bitcount arguments",
    "DOCS bitfield arguments",
    "DOCS bitfield_ro arguments",
    "DOCS bitop arguments",
    "DOCS bitpos arguments",
    "DOCS geoadd arguments",
    "DOCS geodist arguments",
    "DOCS geohash arguments",
    "DOCS geopos arguments",
    "DOCS georadius arguments",
    "DOCS georadius_ro arguments",
    "DOCS georadiusbymember arguments",
    "DOCS georadiusbymember_ro arguments",
    "DOCS geosearch arguments",
    "DOCS geosearchstore arguments",
    "DOCS hmset arguments",
    "DOCS hscan arguments",
    "DOCS hset arguments",
    "DOCS pfmerge arguments",
    "DOCS psubscribe arguments",
    "DOCS sort arguments",
    "DOCS sort_ro arguments",
    "DOCS xack arguments",
    "DOCS xadd arguments",
    "DOCS xclaim arguments",
    "DOCS xdel arguments",
    "DOCS xgroup|create arguments",
    "DOCS xgroup|createconsumer arguments",
    "DOCS xgroup|delconsumer arguments",
    "DOCS xgroup|destroy arguments",
    "DOCS xgroup|setid arguments",
    "DOCS xinfo|consumers arguments",
    "DOCS xinfo|stream arguments",
    "DOCS xread arguments",
    "DOCS xreadgroup arguments",
    "DOCS xsetid arguments",
    "DOCS zadd arguments",
    "DOCS zrange arguments",
    "DOCS zrangebylex arguments",
    "DOCS zrangebyscore arguments",
    "DOCS zrangestore arguments",
    "DOCS zrank arguments",
    "DOCS zrevrangebylex arguments",
    "DOCS zrevrangebyscore arguments",
    "DOCS zrevrank arguments",
  ],
  "Redis 7.2 completed the history": [
    "DOCS georadius_ro history",
    "DOCS georadiusbymember history",
    "DOCS georadiusbymember_ro history",
  ],
  "Redis 7.2 left the sentence out": ["DOCS xread complexity"],
  "Redis 7.2 lets scripts call these": [
    "INFO blmove flags",
    "INFO blpop flags",
    "INFO brpop flags",
    "INFO brpoplpush flags",
    "INFO bzpopmax flags",
    "INFO bzpopmin flags",
  ],
  "`WITHSCORE` came with Redis 7.2": ["INFO zrank arity", "INFO zrevrank arity"],
  "not there yet": [],
};

const skip = reasonToSkip();

describe("COMMAND says the same of our commands as Redis does", { skip }, () => {
  const ours = new EngineHarness(commands);
  const used = new Set<string>();
  let real: RealRedis;
  before(async () => {
    real = await RealRedis.start();
    await setProtocol(real, ours, 3);
  });
  after(() => real.stop());

  it("in COMMAND INFO", async () => {
    const found: string[] = [];
    for (const command of ours.engine.registered) {
      const [mine, theirs] = await both(real, ours, ["COMMAND", "INFO", command.fullName]);
      if (isNewer(command)) {
        assert.deepEqual(theirs, [null], `${command.fullName} is older than we say`);
        continue;
      }
      const differing = differences(infoFields(mine), infoFields(theirs));
      found.push(...differing.map((each) => `INFO ${command.fullName} ${each}`));
    }
    assertKnown(found, used);
  });

  it("in COMMAND DOCS", async () => {
    const found: string[] = [];
    for (const command of ours.engine.registered.filter((each) => !isNewer(each))) {
      const [mine, theirs] = await both(real, ours, ["COMMAND", "DOCS", command.fullName]);
      const differing = differences(docsFields(mine), docsFields(theirs));
      found.push(...differing.map((each) => `DOCS ${command.fullName} ${each}`));
    }
    assertKnown(found, used);
  });

  it("and nothing on the list of differences is the same", () => {
    const listed = Object.values(knownDifferences).flat();
    assert.deepEqual(
      listed.filter((each) => !used.has(each)),
      [],
    );
  });

  for (const protocol of [2, 3] as const) {
    it(`byte for byte where it names keys, errors and shapes: RESP${protocol}`, async () => {
      await setProtocol(real, ours, protocol);
      const replies = await real.run(exactRequests);
      for (const [index, request] of exactRequests.entries()) {
        const mine = Buffer.from(ours.runBytes(...request)).toString("latin1");
        assert.equal(mine, Buffer.from(replies[index]).toString("latin1"), request.join(" "));
      }
    });
  }
});

const exactRequests: readonly (readonly Argument[])[] = [
  ["COMMAND", "INFO", "nosuch"],
  ["COMMAND", "INFO", "GET", "nosuch", "Config|Nosuch", "get|nosuch", "nosuch|get", "mget"],
  ["COMMAND", "INFO", "config|get|x", "|", "get|", "|get", ""],
  ["COMMAND", "INFO", "exists", "ttl", "copy", "rename", "object|freq", "mset", "append"],
  ["COMMAND", "DOCS", "nosuch", "config|nosuch"],
  ["COMMAND", "LIST", "FILTERBY", "PATTERN", "mge?"],
  ["COMMAND", "LIST", "filterby", "pattern", "CONFIG|G*"],
  ["COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch"],
  ["COMMAND", "LIST", "FILTERBY", "MODULE", "nosuch"],
  ["COMMAND", "LIST", "FILTERBY", "nosuch", "x"],
  ["COMMAND", "LIST", "FILTERBY", "PATTERN"],
  ["COMMAND", "LIST", "FILTERBY"],
  ["COMMAND", "LIST", "nosuch"],
  ["COMMAND", "GETKEYS", "nosuch", "a"],
  ["COMMAND", "GETKEYS", "CONFIG", "nosuch"],
  ["COMMAND", "GETKEYS", "CONFIG", "GET", "x"],
  ["COMMAND", "GETKEYS", "PING", "x"],
  ["COMMAND", "GETKEYS", "GET", "a", "b"],
  ["COMMAND", "GETKEYS", "MGET", "a"],
  ["COMMAND", "GETKEYS", "mget", "a", "b", "a"],
  ["COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"],
  ["COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2", "c"],
  ["COMMAND", "GETKEYS", "SET", "a", "1", "EX", "10"],
  ["COMMAND", "GETKEYS", "LCS", "a", "b", "LEN"],
  ["COMMAND", "GETKEYS", "OBJECT", "ENCODING", "a"],
  ["COMMAND", "GETKEYS", "MEMORY", "USAGE", "a", "SAMPLES", "1"],
  ["COMMAND", "GETKEYSANDFLAGS", "GET", "a"],
  ["COMMAND", "GETKEYSANDFLAGS", "MSET", "a", "1", "b", "2"],
  ["COMMAND", "GETKEYSANDFLAGS", "RENAME", "a", "b"],
  ["COMMAND", "GETKEYSANDFLAGS", "COPY", "a", "b", "REPLACE"],
  ["COMMAND", "GETKEYSANDFLAGS", "DEL", "a", "b", "c"],
  ["COMMAND", "GETKEYSANDFLAGS", "EXPIRE", "a", "1"],
  ["COMMAND", "GETKEYSANDFLAGS", "DBSIZE", "x"],
  ["COMMAND", "nosuch"],
  ["COMMAND", "COUNT", "x"],
];

async function setProtocol(real: RealRedis, ours: EngineHarness, protocol: 2 | 3): Promise<void> {
  await real.run([["HELLO", protocol]]);
  ours.session.protocol = protocol;
}

async function both(
  real: RealRedis,
  ours: EngineHarness,
  request: readonly Argument[],
): Promise<[Reply, Reply]> {
  const [bytes] = await real.run([request]);
  return [ours.run(...request), parseReplies(bytes)[0]];
}

function assertKnown(found: readonly string[], used: Set<string>): void {
  const listed = Object.values(knownDifferences).flat();
  const unknown = found.filter((each) => {
    const [path] = each.split(": ");
    const entry = listed.find((known) => path === known || path.startsWith(`${known}/`));
    if (entry !== undefined) used.add(entry);
    return entry === undefined;
  });
  assert.equal(unknown.length, 0, `\n${unknown.join("\n")}`);
}

function isNewer({ declaration }: RegisteredCommand): boolean {
  return isAfter(declaration.since, comparedVersion);
}

/** Whether the first version is the later one. */
function isAfter(version: string, other: string): boolean {
  const a = version.split(".").map(Number);
  const b = other.split(".").map(Number);
  const place = a.findIndex((part, index) => part !== b[index]);
  return place >= 0 && a[place] > b[place];
}

type Fields = Map<string, string>;

/** The path of each field that is not the same in both, with what it is. */
function differences(ours: Fields, theirs: Fields): string[] {
  const paths = new Set([...ours.keys(), ...theirs.keys()]);
  return [...paths]
    .filter((path) => ours.get(path) !== theirs.get(path))
    .map((path) => `${path}: ours ${ours.get(path)}, theirs ${theirs.get(path)}`);
}

const infoPlaces = ["name", "arity", "flags", "first", "last", "step", "categories", "tips"];

function infoFields(reply: Reply): Fields {
  const [parts] = reply as [Reply[]];
  const fields: Fields = new Map();
  for (const [index, place] of infoPlaces.entries()) flatten(parts[index], place, fields);
  flatten(parts[8], "key_specs", fields);
  // Subcommands are compared by themselves; here only which there are.
  for (const [name] of parts[9] as [string][]) fields.set(`subcommands/${name}`, "there");
  for (const path of fields.keys()) if (isNewSubcommand(path)) fields.delete(path);
  return fields;
}

function isNewSubcommand(path: string): boolean {
  const newer = commands.flatMap(({ name, subcommands = [] }) =>
    subcommands
      .filter((each) => isAfter(each.since, comparedVersion))
      .map((each) => `subcommands/${name}|${each.name}`.toLowerCase()),
  );
  return newer.includes(path);
}

function docsFields(reply: Reply): Fields {
  const fields: Fields = new Map();
  const [docs] = (reply as Map<string, Map<string, Reply>>).values();
  docs.delete("subcommands");
  // The sentences are our own, so that we compare only whether there are any.
  for (const sentence of ["summary", "complexity"]) {
    if (docs.has(sentence)) docs.set(sentence, "a sentence");
  }
  const history = (docs.get("history") ?? []) as [string, string][];
  const versions = history.map(([since]) => since);
  docs.set(
    "history",
    versions.filter((since) => !isAfter(since, comparedVersion)),
  );
  if (isAfter(versionOf(docs, "deprecated_since"), comparedVersion)) {
    for (const name of ["doc_flags", "deprecated_since", "replaced_by"]) docs.delete(name);
  }
  docs.set("arguments", comparableArguments(docs.get("arguments")));
  flatten(docs, "", fields);
  return fields;
}

/** Version 0 when there is none in that field. */
function versionOf(documents: Map<string, Reply>, field: string): string {
  const version = documents.get(field);
  return typeof version === "string" ? version : "0";
}

/** Without those that came later, and without `display_text`, which Redis shows since 7.2. */
function comparableArguments(list: Reply | undefined): Reply {
  return ((list ?? []) as Map<string, Reply>[])
    .filter((each) => !isAfter(versionOf(each, "since"), comparedVersion))
    .map((each) => {
      const comparable = new Map(each);
      comparable.delete("display_text");
      if (each.has("arguments")) {
        comparable.set("arguments", comparableArguments(each.get("arguments")));
      }
      return comparable;
    });
}

function flatten(value: Reply, path: string, fields: Fields): void {
  const prefix = path === "" ? "" : `${path}/`;
  if (value instanceof Map) {
    for (const [name, each] of value) flatten(each, `${prefix}${name as string}`, fields);
  } else if (Array.isArray(value) && !value.every((each) => typeof each === "string")) {
    for (const [index, each] of value.entries()) flatten(each, `${prefix}${index}`, fields);
  } else {
    fields.set(path, JSON.stringify(Array.isArray(value) ? value.toSorted() : value));
  }
}
