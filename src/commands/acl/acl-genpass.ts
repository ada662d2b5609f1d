import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, optional } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { open, tooManyArguments } from "./acl-shared.ts";

const bitsDefault = 256;
const bitsMax = 4096;
const bitsADigit = 4;
const wrongBits = new Failure(
  "ERR ACL GENPASS argument must be the number of bits for the output password, a positive " +
    `number up to ${bitsMax}`,
);

export const aclGenPass = command({
  ...open,
  name: "GENPASS",
  summary: "Replies with a password that nobody can guess, of 256 bits unless told.",
  since: "6.0.0",
  complexity: "O(1)",
  words: [optional(integer("bits"))],
  arity: -2,

  run({ args, reply, engine }) {
    if (args.count > 3) throw tooManyArguments(args.latin1(1));
    const bits = args.count === 3 ? integerArgument(args, 2) : bitsDefault;
    if (bits <= 0 || bits > bitsMax) throw wrongBits;
    reply.bulkLatin1(engine.host.randomHex(Math.ceil(bits / bitsADigit)));
  },
});
