// Users and their rights, here and in real Redis: the same rules are given to both, and then both
// are asked what the user may do. Redis 7.0 lists the rules about commands in another way, so it is
// not the lists that are compared but the rights: ACL DRYRUN of many requests.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { categoryNames } from "../../src/engine/acl-category.ts";
import { comparedSeed } from "../support/comparison.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import type { Reply } from "../support/reply.ts";
import { parseReplies, ReplyError } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { exampleWords, writeExamples } from "../support/write-examples.ts";

type Request = readonly Argument[];

const rounds = 150;
const rulesMax = 12;

/** Redis takes the former with fewer arguments since 7.2, and says of the last that it blocks. */
const changedLater = new Set(["command|getkeys", "command|getkeysandflags", "wait"]);

describe("users may do what they may in Redis", { skip: reasonToSkip() }, () => {
  let real: RealRedis;
  let ours: EngineHarness;
  /** Names of commands and subcommands that both have. */
  let shared: string[] = [];
  before(async () => {
    real = await RealRedis.start();
    ours = new EngineHarness(commands);
    const [bytes] = await real.run([["COMMAND", "LIST"]]);
    const theirs = new Set(parseReplies(bytes)[0] as string[]);
    shared = ours.engine.registered
      .map((each) => each.fullName)
      .filter((name) => theirs.has(name) && !changedLater.has(name));
  });
  after(() => real.stop());

  async function both(requests: readonly Request[]): Promise<[Reply[], Reply[]]> {
    const bytes = await real.run(requests);
    const theirs = bytes.map((each) => parseReplies(each)[0]);
    return [theirs, requests.map((each) => ours.run(...each))];
  }

  /** Gives both the same rules, which must be right or wrong for both, for the same reason. */
  async function setUser(rules: readonly string[], note: string): Promise<void> {
    const [theirs, own] = await both([
      ["ACL", "DELUSER", "u"],
      ["ACL", "SETUSER", "u"],
      ...rules.map((rule) => ["ACL", "SETUSER", "u", rule]),
    ]);
    assert.deepEqual(own.map(textOf), theirs.map(textOf), `${note}${rules.join(" ")}`);
  }

  async function compareRights(requests: readonly Request[], note: string): Promise<number> {
    const dryRuns = requests.map((each) => ["ACL", "DRYRUN", "u", ...each]);
    const [theirs, own] = await both(dryRuns);
    let allowed = 0;
    for (const [index, request] of requests.entries()) {
      const expected = verdictOf(theirs[index]);
      // Some commands take more arguments than in the version that we compare with.
      if (expected.startsWith("ERR wrong number of arguments")) continue;
      assert.equal(verdictOf(own[index]), expected, `${note}\n${request.join(" ")}`);
      if (expected === "OK") allowed++;
    }
    return allowed;
  }

  it("after any rules about commands", async () => {
    const from = new RequestGenerator(comparedSeed);
    let allowed = 0;
    for (let round = 0; round < rounds; round++) {
      const note = `seed ${comparedSeed}, round ${round}: `;
      const count = 1 + from.random.below(rulesMax);
      const rules = Array.from({ length: count }, () => commandRule(from, shared));
      await setUser(["allkeys", "allchannels", ...rules], note);
      const requests = Array.from({ length: 60 }, () => requestOf(from.pick(shared)));
      allowed += await compareRights(requests, note + rules.join(" "));
    }
    assert.ok(allowed > rounds, `only ${allowed} requests were allowed`);
  });

  it("after any rules about keys, channels, passwords and selectors, also listed", async () => {
    const from = new RequestGenerator(comparedSeed + 1);
    for (let round = 0; round < rounds; round++) {
      const note = `seed ${comparedSeed}, round ${round}: `;
      const count = 1 + from.random.below(rulesMax);
      const rules = Array.from({ length: count }, () => from.pick(otherRules));
      await setUser(rules, note);
      await compareRights(objectRequests, note + rules.join(" "));
      const [[theirs], [own]] = await both([["ACL", "GETUSER", "u"]]);
      assert.deepEqual(userOf(own), userOf(theirs), note + rules.join(" "));
    }
  });

  it("with what is done to each key of every example of a command", async () => {
    let compared = 0;
    for (const rules of [["%R~*"], ["%W~*"], ["%R~[a-m]*", "%W~[n-z]*"], ["~[a-d]*", "%R~s*"]]) {
      await setUser(["+@all", "allchannels", ...rules], "");
      const requests = exampleRequests().filter(([name]) => shared.includes(name.toLowerCase()));
      compared += requests.length;
      await compareRights(requests, rules.join(" "));
    }
    assert.ok(compared > 1000, `only ${compared} requests were compared`);
  });

  it("with what is done to the keys of every command there is", async () => {
    let denied = 0;
    for (const rules of [["%R~1"], ["%W~1"], ["~x"]]) {
      await setUser(["+@all", "allchannels", ...rules], "");
      const requests = shared.flatMap((name) => {
        const request = requestOf(name);
        const isFixed = registeredByName.get(name)!.arity > 0;
        return isFixed ? [request] : [request, [...request, "1"], [...request, "1", "1"]];
      });
      denied += requests.length - (await compareRights(requests, rules.join(" ")));
    }
    assert.ok(denied > 500, `only ${denied} requests were denied`);
  });

  it("in every category the same commands are", async () => {
    for (const name of categoryNames) {
      const [[theirs], [own]] = await both([["ACL", "CAT", name]]);
      const inBoth = (reply: Reply): string[] =>
        (reply as string[]).filter((each) => shared.includes(each)).toSorted();
      assert.deepEqual(inBoth(own), inBoth(theirs), name);
    }
    const [[theirs], [own]] = await both([["ACL", "CAT"]]);
    assert.deepEqual(own, theirs);
  });

  it("and wrong requests are refused in the same words", async () => {
    await setUser(["on", ">secret", "~k", "+get"], "");
    const [theirs, own] = await both(wrongRequests.map((each) => each.split(" ")));
    assert.deepEqual(own.map(textOf), theirs.map(textOf));
  });
});

function textOf(reply: Reply): unknown {
  return reply instanceof ReplyError ? reply.text : reply;
}

/** Redis 7.0 does not show the flag that nobody has set. */
function userOf(reply: Reply): unknown {
  const [name, flags, ...rest] = reply as [string, string[], ...Reply[]];
  return [name, flags.filter((flag) => flag !== "sanitize-payload"), ...rest];
}

/** `OK`, or what was refused; the rest of the sentence is another one since Redis 7.2. */
function verdictOf(reply: Reply): string {
  if (reply instanceof ReplyError) return reply.text;
  const text = String(reply);
  return /permissions to (.*)$/.exec(text)?.[1] ?? text;
}

function requestOf(name: string): string[] {
  // Enough arguments for the command, whose keys, if it has any, are all called 1.
  const words = name.split("|");
  const { arity } = registeredByName.get(name)!;
  return [...words, ...Array.from({ length: Math.abs(arity) - words.length }, () => "1")];
}

const registeredByName = new Map(
  new EngineHarness(commands).engine.registered.map((each) => [each.fullName, each]),
);

function commandRule(from: RequestGenerator, names: readonly string[]): string {
  const sign = from.pick(["+", "-"]);
  if (from.oneIn(3)) return `${sign}@${from.word(from.pick(categories))}`;
  if (from.oneIn(8))
    return `+${from.pick(["select", "get", "debug", "config"])}|${from.pick(parts)}`;
  return sign + from.word(from.pick(names));
}

const parts = ["1", "get", "object", "a|b", ""];
const categories = [
  ..."all all keyspace read write set sortedset list hash string bitmap hyperloglog geo".split(" "),
  ..."stream pubsub admin fast slow blocking dangerous connection transaction nonsense".split(" "),
];

const otherRules: readonly string[] = [
  ..."allkeys resetkeys ~* ~a* ~b ~?c %R~a* %W~a* %RW~b %R~* %W~* %r~c %RR~a %X~a ~".split(" "),
  ..."allchannels resetchannels &* &a* &b & on off nopass resetpass reset".split(" "),
  ...">one >two <one <two #12 !12 sanitize-payload skip-sanitize-payload clearselectors".split(" "),
  `#${"0a".repeat(32)}`,
  `!${"0a".repeat(32)}`,
  "(~a* +get)",
  "(%R~b +@all)",
  "(allkeys &a* +publish)",
  "(nonsense)",
  "(+nonsense ~a)",
  "()",
  "+@all",
  "nocommands",
  "allcommands",
  "nonsense",
];

const objectRequests: readonly Request[] = [
  ...["a", "ab", "b", "c", "xc", ""].flatMap((name) => [
    ["GET", name],
    ["SET", name, "1"],
    ["SET", name, "1", "GET"],
    ["EXISTS", name],
    ["RENAME", name, "b"],
    ["MGET", "b", name],
    ["PUBLISH", name, "m"],
    ["SUBSCRIBE", "b", name],
    ["PSUBSCRIBE", name],
    ["PSUBSCRIBE", `${name}*`],
    ["SSUBSCRIBE", name],
    ["SPUBLISH", name, "m"],
    ["UNSUBSCRIBE", name],
  ]),
  ["PING"],
];

const wrongRequests: readonly string[] = [
  "ACL",
  "ACL NONSENSE",
  "ACL SETUSER",
  "ACL SETUSER u nonsense",
  "ACL SETUSER u (~k",
  "ACL SETUSER u (~k +get more",
  "ACL SETUSER u (~k nonsense)",
  "ACL GETUSER",
  "ACL GETUSER nobody",
  "ACL GETUSER u v",
  "ACL DELUSER",
  "ACL DELUSER nobody default",
  "ACL DELUSER nobody",
  "ACL CAT nonsense",
  "ACL CAT a b",
  "ACL GENPASS x",
  "ACL GENPASS 0",
  "ACL GENPASS 4097",
  "ACL GENPASS 1 2",
  "ACL LOG x",
  "ACL LOG 1 2",
  "ACL LOG -1",
  "ACL LOG reset",
  "ACL WHOAMI",
  "ACL WHOAMI x",
  "ACL LOAD",
  "ACL SAVE",
  "ACL DRYRUN nobody get k",
  "ACL DRYRUN u nonsense",
  "ACL DRYRUN u get",
  "ACL DRYRUN u get k",
  "ACL HELP x",
  "AUTH x",
  "AUTH u wrong",
  "AUTH nobody x",
  "AUTH a b c",
  "HELLO 3 AUTH u wrong",
  "CLIENT KILL USER nobody",
];

/** Every request of the examples; times are taken for plain words, since nothing is run. */
function exampleRequests(): string[][] {
  return writeExamples
    .flat()
    .map((request) => exampleWords(request, 0))
    .filter(([name]) => name !== "advance");
}
