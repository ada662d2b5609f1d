// The lines of HELP, for each kind of word that a subcommand may have.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandDeclaration } from "./command.ts";
import { command } from "./command.ts";
import { help, helpLines, synopsis } from "./help.ts";
import { block, integer, key, many, manyTokens, oneOf, optional, string, token } from "./word.ts";

function sub(
  name: string,
  summary: string,
  words: CommandDeclaration["words"],
): CommandDeclaration {
  const facts = { since: "1.0.0", group: "server", complexity: "", flags: [] } as const;
  return command({ ...facts, name, summary, words });
}

describe("help", () => {
  it("lists the subcommands, HELP last", () => {
    const long =
      "A sentence that is longer than one line has columns, so that it must go on in a second.";
    const container: CommandDeclaration = command({
      ...sub("THING", "Does things.", []),
      subcommands: [
        sub("GET", "Gets it.", [many(string("parameter"))]),
        sub("SET", long, [key("key", "RW"), optional(token("force"))]),
        help(() => container, "5.0.0"),
      ],
    });
    assert.deepEqual(helpLines(container), [
      "THING <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
      "GET <parameter> [<parameter> ...]",
      "    Gets it.",
      "SET <key> [FORCE]",
      "    A sentence that is longer than one line has columns, so that it must go on",
      "    in a second.",
      "HELP",
      "    Print this help.",
    ]);
    const [, , own] = container.subcommands ?? [];
    assert.equal(own.group, "server");
    assert.equal(own.since, "5.0.0");
  });

  it("tells what a container does without a subcommand, if anything", () => {
    const container = { ...sub("THING", "Does all things.", []), run: () => undefined };
    const lines = ["(no subcommand)", "    Does all things."];
    assert.deepEqual(helpLines(container).slice(1, 3), lines);
  });

  it("writes every kind of word", () => {
    const words = [
      oneOf("mode", [token("yes"), token("no")]),
      optional(oneOf("when", [token("nx"), token("xx")])),
      optional(integer("count", { token: "COUNT" })),
      optional(oneOf("kind", [token("a"), token("b")], { token: "TYPE" })),
      many(block("pair", [string("name"), string("value", { display: "v" })])),
      optional(manyTokens(string("prefix", { token: "PREFIX" }))),
    ];
    assert.deepEqual(synopsis(words), [
      "(YES|NO)",
      "[NX|XX]",
      "[COUNT <count>]",
      "[TYPE (A|B)]",
      "<name> <v> [<name> <v> ...]",
      "[PREFIX <prefix> [PREFIX <prefix> ...]]",
    ]);
  });
});
