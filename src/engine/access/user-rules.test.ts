// Rules of users: what each one does, what is wrong with those that are wrong, and that a user's
// description makes the same user again, whatever the rules were.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { slicesOf } from "../../bytes/slices.ts";
import type { CommandDeclaration, CommandFlag, CommandGroup } from "../command.ts";
import { RegisteredCommand } from "../registered-command.ts";
import { allowsCommand } from "./selector.ts";
import { CommandDirectory, describeCommands, ruleError } from "./selector-rules.ts";
import type { User } from "./user.ts";
import type { RuleContext } from "./user-rules.ts";
import { applyRules, describeUser, joinSelectors, newUser } from "./user-rules.ts";

function declared(
  name: string,
  group: CommandGroup,
  flags: readonly CommandFlag[],
  subcommands?: readonly CommandDeclaration[],
): CommandDeclaration {
  const texts = { summary: "", since: "1.0.0", complexity: "O(1)" };
  const run = (): void => undefined;
  const kind = subcommands === undefined ? { run } : { subcommands };
  return { name, group, flags, words: [], ...texts, ...kind };
}

const roots = [
  declared("GET", "string", ["readonly", "fast"]),
  declared("SET", "string", ["write"]),
  declared("HGET", "hash", ["readonly", "fast"]),
  declared("SELECT", "connection", ["fast"]),
  declared(
    "CONFIG",
    "server",
    [],
    [
      declared("GET", "server", ["admin"]),
      declared("SET", "server", ["admin"]),
      declared("HELP", "server", []),
    ],
  ),
].map((each) => new RegisteredCommand(each));
const registered = roots.flatMap((each) => [each].concat(each.subcommands));
for (const [id, each] of registered.entries()) each.id = id;

const context: RuleContext = {
  commands: new CommandDirectory(registered),
  hash: (secret) => Buffer.from(secret).toString("hex").padEnd(64, "0"),
  allowsChannelsAtFirst: false,
};

function made(...rules: string[]): User {
  const user = newUser(context, "u");
  assert.equal(applyRules(user, rules, context), undefined);
  return user;
}

function errorOf(...rules: string[]): string | undefined {
  return applyRules(newUser(context, "u"), rules, context)?.error;
}

function allowedTo(user: User): string[] {
  return registered
    .filter((each) => allowsCommand(user.selectors[0], each, slicesOf(["x"])))
    .map((each) => each.fullName);
}

function commandsAfter(...rules: string[]): string {
  return describeCommands(made(...rules).selectors[0]);
}

test("a new user is off, has no password and may do nothing", () => {
  assert.equal(describeUser(made()), "off sanitize-payload resetchannels -@all");
  assert.deepEqual(allowedTo(made()), []);
});

test("everything that a user has is described in order", () => {
  const rules = ["+get", "on", ">a", "~k*", "&c", "%R~r", "(+set ~s)", "skip-sanitize-payload"];
  const hash = `61${"0".repeat(62)}`;
  assert.equal(
    describeUser(made(...rules)),
    `on skip-sanitize-payload #${hash} ~k* %R~r resetchannels &c -@all +get ` +
      "(~s resetchannels -@all +set)",
  );
});

test("commands are allowed and denied one by one, with all their subcommands, by category", () => {
  assert.deepEqual(allowedTo(made("+get", "+CONFIG", "-config|set")), [
    "get",
    "config",
    "config|get",
    "config|help",
  ]);
  assert.deepEqual(allowedTo(made("+@string", "-@write")), ["get"]);
  assert.deepEqual(allowedTo(made("+config|get")), ["config|get"]);
  // The container is in the category, so all of it comes with it.
  assert.deepEqual(allowedTo(made("+@slow", "-set")), [
    "config",
    "config|get",
    "config|set",
    "config|help",
  ]);
});

test("a command may be allowed with one first argument only", () => {
  const [selector] = made("+select|a", "+SELECT|B").selectors;
  const select = registered[3];
  const allows = (word: string): boolean => allowsCommand(selector, select, slicesOf(["s", word]));
  assert.deepEqual(["a", "A", "b", "ab", ""].map(allows), [true, true, true, false, false]);
  assert.equal(allowsCommand(selector, select, slicesOf(["s"])), false);
  assert.deepEqual(allowedTo(made("+select|a", "-select")), []);
  assert.equal(made("+select|a", "-@fast").selectors[0].firstArguments.size, 0);
});

test("a rule about commands replaces those about the same, or about parts of it", () => {
  assert.equal(commandsAfter("+@all", "-@string", "+get", "-@STRING"), "+@all +get -@string");
  assert.equal(commandsAfter("+config|get", "+config|set", "+config"), "-@all +config");
  assert.equal(commandsAfter("+config", "-config|set"), "-@all +config -config|set");
  assert.equal(commandsAfter("+get", "+@all"), "+@all");
  assert.equal(commandsAfter("+select|0", "+select|0", "+select|1"), "-@all +select|0 +select|1");
});

test("the same key pattern twice adds its permissions up", () => {
  assert.match(describeUser(made("%R~a", "%W~a", "%rw~b", "~c", "%R~c")), / ~a ~b ~c /);
});

test("wrong rules are told apart", () => {
  assert.equal(errorOf("nonsense"), ruleError.syntax);
  assert.equal(errorOf("+nonsense"), ruleError.unknownCommand);
  assert.equal(errorOf("-config|nonsense"), ruleError.unknownCommand);
  assert.equal(errorOf("+@nonsense"), ruleError.unknownCommand);
  assert.equal(errorOf("+config|get|x"), ruleError.firstArgumentOfSubcommand);
  assert.equal(errorOf("+get|a|b"), ruleError.unknownCommand);
  assert.equal(errorOf("-get|a"), ruleError.unknownCommand);
  assert.equal(errorOf("+get|"), ruleError.syntax);
  assert.equal(errorOf("allkeys", "~a"), ruleError.patternAfterAllKeys);
  assert.equal(errorOf("allkeys", "%R~*"), ruleError.patternAfterAllKeys);
  assert.equal(errorOf("&*", "&a"), ruleError.patternAfterAllChannels);
  assert.equal(errorOf("~a b"), ruleError.syntax);
  for (const rule of ["%~a", "%RR~a", "%X~a", "%R"]) assert.equal(errorOf(rule), ruleError.syntax);
  assert.equal(errorOf("<a"), ruleError.noSuchPassword);
  assert.equal(errorOf("#12"), ruleError.invalidHash);
  assert.equal(errorOf("!12"), ruleError.invalidHash);
  assert.equal(errorOf("(nonsense)"), ruleError.syntax);
});

test("words of a selector are joined, and one that is not closed is found", () => {
  assert.deepEqual(joinSelectors(["on", "(~a", "+get)", "(+set)"]), ["on", "(~a +get)", "(+set)"]);
  assert.equal(joinSelectors(["on", "(~a", "+get"]), 1);
});

const rule = fc.oneof(
  fc.constantFrom("on", "off", "nopass", "resetpass", "reset", "clearselectors"),
  fc.constantFrom("allkeys", "resetkeys", "allchannels", "resetchannels", "~*", "&*", "%R~*"),
  fc.constantFrom(
    "+@all",
    "-@all",
    "+@string",
    "-@string",
    "+@FAST",
    "-@slow",
    "+@write",
    "-@admin",
  ),
  fc.constantFrom(
    "+get",
    "-get",
    "+Set",
    "-set",
    "+config",
    "-config",
    "+config|get",
    "-config|get",
  ),
  fc.constantFrom("+select|0", "+select|1", "+select", "-select", "+config|SET", "-config|help"),
  fc.constantFrom("~a*", "%R~a*", "%W~b", "%RW~c?", "&ch", "&p*", ">pw", "<pw", ">other"),
  fc.constantFrom("(~k +get)", "(+@all -set %R~x)", "(&c allkeys)", "sanitize-payload"),
);

test("a user's description makes the same user again", () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 25 }), fc.boolean(), (rules, allowsChannelsAtFirst) => {
      const here = { ...context, allowsChannelsAtFirst };
      const user = newUser(here, "u");
      for (const each of rules) applyRules(user, [each], here);
      const description = describeUser(user);
      const words = joinSelectors(description.split(" "));
      assert.ok(typeof words !== "number");
      const again = newUser(here, "u");
      assert.equal(applyRules(again, words, here), undefined);
      assert.equal(describeUser(again), description);
      assert.equal(again.isRestricted, user.isRestricted);
      assert.deepEqual(again.selectors, user.selectors);
    }),
    { numRuns: 1000 },
  );
});
