import { asciiBytes } from "../../bytes/ascii.ts";
import type { Random } from "../../bytes/random.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, optional } from "../../engine/word.ts";

const version = asciiBytes("version");
const columns = 76;
/** Each shows two generations, one above the other. */
const lines = 16;
/** Rules whose pictures are worth looking at. */
const goodRules = [18, 22, 30, 45, 60, 73, 90, 105, 110, 126, 150, 182];

export const lolwut = command({
  name: "LOLWUT",
  summary: "Draws a picture that nobody has seen before, and tells the version.",
  since: "5.0.0",
  group: "server",
  complexity: "",
  flags: ["readonly", "fast"],
  words: [optional(integer("version", { token: "VERSION" }))],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const { random } = db.keyspace;
    let rule = goodRules[random.below(goodRules.length)];
    if (args.count > 2 && isArgument(args, 1, version)) rule = integerArgument(args, 2) & 0xff;
    const picture = drawRule(rule, random);
    const caption = `Rule ${rule} of the 256 that Stephen Wolfram numbered in 1983.`;
    reply.verbatim("txt", `${picture}\n${caption} Redis ver. ${engine.host.redisVersion}\n`);
  },
});

/**
 * Generations of a one-dimensional cellular automaton on a ring, downwards. A cell's next state is
 * the bit of `rule` that its left neighbour, itself and its right neighbour number together.
 */
function drawRule(rule: number, random: Random): string {
  let upper = Array.from({ length: columns }, () => random.below(2));
  let picture = "";
  for (let line = 0; line < lines; line++) {
    const lower = nextGeneration(upper, rule);
    picture += `${upper.map((cell, x) => " ▀▄█"[cell + 2 * lower[x]]).join("")}\n`;
    upper = nextGeneration(lower, rule);
  }
  return picture;
}

function nextGeneration(cells: readonly number[], rule: number): number[] {
  return cells.map((cell, x) => {
    const left = cells[(x + columns - 1) % columns];
    const right = cells[(x + 1) % columns];
    return (rule >>> (left * 4 + cell * 2 + right)) & 1;
  });
}
