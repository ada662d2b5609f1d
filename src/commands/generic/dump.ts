import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";
import { encodePayload } from "../../persistence/dump-payload.ts";
import { RdbWriter } from "../../persistence/rdb-writer.ts";

export const dump = command({
  name: "DUMP",
  summary: "Replies with the value of a key in the form that RESTORE takes.",
  since: "2.6.0",
  group: "generic",
  complexity: "O(N*M) for a value of N elements of M bytes each.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO access")],

  run({ args, db, reply, engine }) {
    const ref = db.read(args, 1);
    if (ref === noRef) {
      reply.nil();
      return;
    }
    const writer = new RdbWriter({ compresses: engine.host.settings.rdbcompression });
    encodePayload(db.keyspace, ref, writer);
    reply.bulk(writer.buffer, 0, writer.position);
  },
});
