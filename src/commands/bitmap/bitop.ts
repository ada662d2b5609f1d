import { Slice } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import { key, many, oneOf, token } from "../../engine/word.ts";
import type { BitOperation } from "../../keyspace/bitmap.ts";
import { combineBits } from "../../keyspace/bitmap.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { deleteKey } from "../../keyspace/keys.ts";
import { encoding } from "../../keyspace/record.ts";
import { noExpiry, readString, storeEncoded } from "../../keyspace/string.ts";

const since = "8.2.0";
const operations = [
  token("and"),
  token("or"),
  token("xor"),
  token("not"),
  token("diff", { since }),
  token("diff1", { since }),
  token("andor", { since }),
  token("one", { since }),
];
const names = new Set(operations.map((each) => each.name));
const oneSource = new Failure("ERR BITOP NOT must be called with a single source key.");
/** Operations that set the first source apart from the others. */
const needTwo = new Set(["diff", "diff1", "andor"]);

function isOperation(name: string): name is BitOperation {
  return names.has(name);
}

export const bitop = command({
  name: "BITOP",
  summary: "Combines the bits of several strings into another one.",
  since: "2.6.0",
  group: "bitmap",
  complexity: "O(N) for N bytes of all strings.",
  flags: ["write", "denyoom"],
  history: [["8.2.0", "`DIFF`, `DIFF1`, `ANDOR` and `ONE` came in."]],
  words: [
    oneOf("operation", operations),
    key("destkey", "OW update"),
    many(key("key", "RO access")),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    const operation = args.latin1(1).toLowerCase();
    if (!isOperation(operation)) throw syntaxError;
    if (operation === "not" && args.count !== 4) throw oneSource;
    if (needTwo.has(operation) && args.count < 5) {
      const name = operation.toUpperCase();
      throw new Failure(`ERR BITOP ${name} must be called with at least two source keys.`);
    }
    const sources: Slice[] = [];
    for (let index = 3; index < args.count; index++) {
      const source = new Slice();
      readString(db, args, index, source);
      sources.push(source);
    }
    const result = combineBits(operation, sources);
    if (result.length === 0) {
      deleteKey(db, args, 2);
    } else {
      const ref = db.write(args, 2);
      storeEncoded(db, args, 2, ref, result, 0, result.length, encoding.raw, noExpiry);
      const { keyspace } = db;
      keyspace.changed(db, args.bytes, args.offsets[2], args.lengths[2], keyEvents.set);
    }
    reply.integer(result.length);
  },
});
