import { command } from "../../engine/command.ts";
import type { KeySpec } from "../../engine/syntax.ts";
import { block, double, integer, key, oneOf, optional, string, token } from "../../engine/word.ts";
import { runSearch } from "./area-reply.ts";
import { unitWord } from "./geo-argument.ts";

const complexity = "O(N+log(M)) for N of M places in the cells around the circle.";
const history = [
  ["6.2.0", "`ANY` came in."],
  ["7.0.0", "Units may be in capitals."],
] as const;

const coordinateWords = [
  key("key", "RO access"),
  double("longitude"),
  double("latitude"),
  double("radius"),
  unitWord,
] as const;
const memberWords = [
  key("key", "RO access"),
  string("member"),
  double("radius"),
  unitWord,
] as const;
const withWords = [
  optional(token("withcoord")),
  optional(token("withdist")),
  optional(token("withhash")),
] as const;
const countWord = optional(
  block("count-block", [
    integer("count", { token: "COUNT" }),
    optional(token("any", { since: "6.2.0" })),
  ]),
);
const countOfMemberWord = optional(
  block("count-block", [integer("count", { token: "COUNT" }), optional(token("any"))]),
);
const orderWord = optional(oneOf("order", [token("asc"), token("desc")]));
const storeWord = optional(
  oneOf("store", [
    key("storekey", "OW update", { token: "STORE", display: "key" }),
    key("storedistkey", "OW update", { token: "STOREDIST", display: "key" }),
  ]),
);

/** The key, and the one that an option behind `startFrom` arguments may name. */
function keySpecs(startFrom: number): readonly KeySpec[] {
  const find = { lastKey: 0, step: 1, limit: 0 };
  return [
    { flags: ["RO", "ACCESS"], begin: { index: 1 }, find },
    { flags: ["OW", "UPDATE"], begin: { keyword: "STORE", startFrom }, find },
    { flags: ["OW", "UPDATE"], begin: { keyword: "STOREDIST", startFrom }, find },
  ];
}

export const georadius = command({
  name: "GEORADIUS",
  summary: "Replies with the places around a place, or stores them.",
  since: "3.2.0",
  group: "geo",
  complexity,
  flags: ["write", "denyoom"],
  history,
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
  },
  words: [...coordinateWords, ...withWords, countWord, orderWord, storeWord],
  keySpecs: keySpecs(6),
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 1, centre: "coordinates", storing: "option" });
  },
});

export const georadiusRo = command({
  name: "GEORADIUS_RO",
  summary: "Replies with the places around a place.",
  since: "3.2.10",
  group: "geo",
  complexity,
  flags: ["readonly"],
  history,
  deprecated: { since: "6.2.0", replacedBy: "`GEOSEARCH` with the `BYRADIUS` argument" },
  words: [...coordinateWords, ...withWords, countWord, orderWord],
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 1, centre: "coordinates", storing: "never" });
  },
});

export const georadiusbymember = command({
  name: "GEORADIUSBYMEMBER",
  summary: "Replies with the places around a member, or stores them.",
  since: "3.2.0",
  group: "geo",
  complexity,
  flags: ["write", "denyoom"],
  history,
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
  },
  words: [...memberWords, ...withWords, countOfMemberWord, orderWord, storeWord],
  keySpecs: keySpecs(5),
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 1, centre: "member", storing: "option" });
  },
});

export const georadiusbymemberRo = command({
  name: "GEORADIUSBYMEMBER_RO",
  summary: "Replies with the places around a member.",
  since: "3.2.10",
  group: "geo",
  complexity,
  flags: ["readonly"],
  history,
  deprecated: {
    since: "6.2.0",
    replacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
  },
  words: [...memberWords, ...withWords, countOfMemberWord, orderWord],
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 1, centre: "member", storing: "never" });
  },
});
