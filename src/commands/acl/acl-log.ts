import { asciiBytes } from "../../bytes/ascii.ts";
import type { DenialEntry } from "../../engine/access/access-log.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, oneOf, optional, token } from "../../engine/word.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { administration, tooManyArguments } from "./acl-shared.ts";

const resetWord = asciiBytes("reset");
const countDefault = 10;

export const aclLog = command({
  ...administration,
  name: "LOG",
  summary: "Replies with the latest refusals, ten unless told, or forgets them.",
  since: "6.0.0",
  complexity: "O(N) with N being the number of entries shown.",
  history: [["7.2.0", "The id of an entry, and when it was made and last updated."]],
  words: [optional(oneOf("operation", [integer("count"), token("reset")]))],
  arity: -2,
  optionsAt: 0,

  run({ args, reply, engine }) {
    if (args.count > 3) throw tooManyArguments(args.latin1(1));
    const { log } = engine.access;
    if (args.count === 3 && isArgument(args, 2, resetWord)) {
      log.reset();
      reply.ok();
      return;
    }
    const count = args.count === 3 ? integerArgument(args, 2) : countDefault;
    const entries = log.latest(Math.max(0, count));
    reply.array(entries.length);
    for (const entry of entries) replyEntry(reply, entry, engine.keyspace.nowMs);
  },
});

function replyEntry(reply: ReplyWriter, entry: DenialEntry, nowMs: number): void {
  const texts = [
    ["reason", entry.reason],
    ["context", entry.context],
    ["object", entry.object],
    ["username", entry.userName],
  ];
  reply.map(10);
  reply.bulkLatin1("count");
  reply.integer(entry.count);
  for (const [name, text] of texts) {
    reply.bulkLatin1(name);
    reply.bulkLatin1(text);
  }
  reply.bulkLatin1("age-seconds");
  reply.double((Math.floor(nowMs) - entry.updatedMs) / 1000);
  reply.bulkLatin1("client-info");
  reply.bulkLatin1(entry.clientInfo);
  reply.bulkLatin1("entry-id");
  reply.integer(entry.id);
  reply.bulkLatin1("timestamp-created");
  reply.integer(entry.createdMs);
  reply.bulkLatin1("timestamp-last-updated");
  reply.integer(entry.updatedMs);
}
