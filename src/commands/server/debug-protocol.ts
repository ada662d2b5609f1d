import { Failure } from "../../keyspace/failure.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const wrongType = new Failure(
  "ERR Wrong protocol type name. Please use one of the following: " +
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
);
const noPush = new Failure("ERR RESP2 is not supported by this command");

/**
 * Examples of every type of reply, the very ones that clients' own tests expect of DEBUG PROTOCOL.
 */
const examples: ReadonlyMap<string, (reply: ReplyWriter) => void> = new Map([
  ["string", (reply) => reply.bulkLatin1("Hello World")],
  ["integer", (reply) => reply.integer(12345)],
  // oxlint-disable-next-line oxc/approx-constant -- the example is this number, not pi
  ["double", (reply) => reply.double(3.141)],
  ["bignum", (reply) => reply.bigNumber("1234567999999999999999999999999999999")],
  ["null", (reply) => reply.nil()],
  ["array", (reply) => replyThree(reply, "array")],
  ["set", (reply) => replyThree(reply, "set")],
  ["map", replyMap],
  ["attrib", replyAttribute],
  ["push", replyPush],
  ["verbatim", (reply) => reply.verbatim("txt", "This is a verbatim\nstring")],
  ["true", (reply) => reply.boolean(true)],
  ["false", (reply) => reply.boolean(false)],
]);

/** Replies with the example of a type, which is named in lower case. */
export function replyOfType(reply: ReplyWriter, type: string): void {
  const example = examples.get(type);
  if (example === undefined) throw wrongType;
  example(reply);
}

function replyThree(reply: ReplyWriter, kind: "array" | "set"): void {
  reply[kind](3);
  for (let each = 0; each < 3; each++) reply.integer(each);
}

function replyMap(reply: ReplyWriter): void {
  reply.map(3);
  for (let each = 0; each < 3; each++) {
    reply.integer(each);
    reply.boolean(each === 1);
  }
}

/** An attribute is no reply by itself: one follows. */
function replyAttribute(reply: ReplyWriter): void {
  if (reply.protocol > 2) {
    reply.attribute(1);
    reply.bulkLatin1("key-popularity");
    reply.array(2);
    reply.bulkLatin1("key:123");
    reply.integer(90);
  }
  reply.bulkLatin1("Some real reply following the attribute");
}

/** Nor is a push, which clients may drop unseen. */
function replyPush(reply: ReplyWriter): void {
  if (reply.protocol === 2) throw noPush;
  reply.push(2);
  reply.bulkLatin1("server-cpu-usage");
  reply.integer(42);
  reply.bulkLatin1("Some real reply following the push reply");
}
