import { command } from "../../engine/command.ts";
import { block, double, integer, key, oneOf, optional, string, token } from "../../engine/word.ts";
import { runSearch } from "./area-reply.ts";
import { unitWord } from "./geo-argument.ts";

const complexity = "O(N+log(M)) for N of M places in the cells around the area.";
const history = [["7.0.0", "Units may be in capitals."]] as const;

const fromWord = oneOf("from", [
  string("member", { token: "FROMMEMBER" }),
  block("fromlonlat", [double("longitude"), double("latitude")], { token: "FROMLONLAT" }),
]);
const byWord = oneOf("by", [
  block("circle", [double("radius", { token: "BYRADIUS" }), unitWord]),
  block("box", [double("width", { token: "BYBOX" }), double("height"), unitWord]),
]);
const orderWord = optional(oneOf("order", [token("asc"), token("desc")]));
const countWord = optional(
  block("count-block", [integer("count", { token: "COUNT" }), optional(token("any"))]),
);

export const geosearch = command({
  name: "GEOSEARCH",
  summary: "Replies with the places in a circle or a rectangle.",
  since: "6.2.0",
  group: "geo",
  complexity,
  flags: ["readonly"],
  history,
  words: [
    key("key", "RO access"),
    fromWord,
    byWord,
    orderWord,
    countWord,
    optional(token("withcoord")),
    optional(token("withdist")),
    optional(token("withhash")),
  ],
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 1, centre: "option", storing: "never" });
  },
});

export const geosearchstore = command({
  name: "GEOSEARCHSTORE",
  summary: "Stores the places in a circle or a rectangle under another key.",
  since: "6.2.0",
  group: "geo",
  complexity,
  flags: ["write", "denyoom"],
  history,
  words: [
    key("destination", "OW update"),
    key("source", "RO access"),
    fromWord,
    byWord,
    orderWord,
    countWord,
    optional(token("storedist")),
  ],
  optionsAt: 0,

  run(context) {
    runSearch(context, { keyAt: 2, centre: "option", storing: "always" });
  },
});
