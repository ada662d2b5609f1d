import { command } from "../../engine/command.ts";
import { many, optional, string } from "../../engine/word.ts";

export const info = command({
  name: "INFO",
  summary: "Tells about the server: versions, clients, memory, statistics, keys.",
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["loading", "stale", "sentinel"],
  categories: ["dangerous"],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  history: [["7.0.0", "Takes several sections."]],
  words: [optional(many(string("section")))],

  run({ args, reply, engine }) {
    const sections: string[] = [];
    for (let index = 1; index < args.count; index++) {
      sections.push(args.latin1(index).toLowerCase());
    }
    reply.verbatim("txt", engine.host.info(sections));
  },
});
