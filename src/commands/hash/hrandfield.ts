import { asciiBytes } from "../../bytes/ascii.ts";
import { bigIntegerArgument, integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { DrawnReply } from "../../engine/drawn-reply.ts";
import { block, integer, key, optional, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { HashState } from "../../keyspace/hash-fields.ts";
import type { FieldVisitor } from "../../keyspace/hash-random.ts";
import { chooseFields, drawFields, readForPick } from "../../keyspace/hash-random.ts";

const withValues = asciiBytes("withvalues");
const signed64Min = -(2n ** 63n);
const pairsMax = 2 ** 62;
/** The one integer whose negative is none. */
const countOutOfRange = new Failure(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const tooManyPairs = new Failure("ERR value is out of range");

const picked = new HashState();

export const hrandfield = command({
  name: "HRANDFIELD",
  summary:
    "Replies with random fields of a hash: distinct ones, or any when the count is negative.",
  since: "6.2.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RO access"),
    optional(block("options", [integer("count"), optional(token("withvalues"))])),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db, reply } = context;
    if (args.count > 2) {
      replySeveral(context);
    } else if (readForPick(db, args, 1, picked) === 0) {
      reply.nil();
    } else {
      drawFields(db.keyspace, picked, 1, (field) => {
        reply.bulk(field.bytes, field.offset, field.length);
      });
    }
  },
});

function replySeveral(context: Context): void {
  const { args, db, reply } = context;
  const count = integerArgument(args, 2);
  if (!Number.isSafeInteger(count) && bigIntegerArgument(args, 2) === signed64Min) {
    throw countOutOfRange;
  }
  const hasValues = args.count > 3;
  if (args.count > 4 || (hasValues && !isArgument(args, 3, withValues))) throw syntaxError;
  if (hasValues && Math.abs(count) >= pairsMax) throw tooManyPairs;
  const size = readForPick(db, args, 1, picked);
  const replied = size === 0 ? 0 : count < 0 ? -count : Math.min(count, size);
  const isNested = hasValues && reply.protocol > 2;
  const drawn = count < 0 ? new DrawnReply(context, replied) : undefined;
  reply.array(hasValues && !isNested ? replied * 2 : replied);
  if (replied === 0) return;
  const visit: FieldVisitor = (field, value) => {
    if (isNested) reply.array(2);
    reply.bulk(field.bytes, field.offset, field.length);
    if (hasValues) reply.bulk(value.bytes, value.offset, value.length);
    drawn?.check();
  };
  if (count < 0) drawFields(db.keyspace, picked, replied, visit);
  else chooseFields(db.keyspace, picked, replied, visit);
}
