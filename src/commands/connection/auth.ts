import { command } from "../../engine/command.ts";
import { wrongPassword } from "../../engine/failures.ts";
import { optional, string } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const noPasswordConfigured = new Failure(
  "ERR AUTH <password> called without any password configured for the default user. " +
    "Are you sure your configuration is correct?",
);

export const auth = command({
  name: "AUTH",
  summary: "Tells the server who the client is.",
  since: "1.0.0",
  group: "connection",
  complexity: "O(N) where N is the number of passwords of the user",
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "sentinel", "allow_busy"],
  history: [["6.0.0", "Takes a user name before the password."]],
  words: [optional(string("username", { since: "6.0.0" })), string("password")],
  secretArguments: (args) => Array.from({ length: args.count - 1 }, (_, index) => index + 1),

  run({ args, reply, session, engine }) {
    if (args.count > 3) throw syntaxError;
    const isShort = args.count === 2;
    if (isShort && engine.access.defaultUser.needsNoPassword) throw noPasswordConfigured;
    const name = isShort ? "default" : args.latin1(1);
    const login = { name, password: args.copy(args.count - 1), verb: args.latin1(0) };
    if (!engine.access.authenticate(session, login)) throw wrongPassword;
    reply.ok();
  },
});
