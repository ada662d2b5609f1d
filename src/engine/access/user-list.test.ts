// A file of users: everything that is wrong with it is told, in Redis's words, and then nothing of
// it is taken.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandDirectory } from "./selector-rules.ts";
import { parseUserList } from "./user-list.ts";
import type { RuleContext } from "./user-rules.ts";
import { describeUser } from "./user-rules.ts";

const context: RuleContext = {
  commands: new CommandDirectory([]),
  hash: () => "0".repeat(64),
  allowsChannelsAtFirst: false,
};
const nothing =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

function errorsOf(...lines: string[]): string {
  const answer = parseUserList(lines.join("\n"), "f.acl", context);
  assert.ok(typeof answer === "string" && answer.endsWith(nothing), String(answer));
  return answer.slice(0, -nothing.length);
}

test("one line a user, empty lines between, any end of line, selectors of several words", () => {
  const content = "\r\nuser a on nopass ~k (~x +@all)\r\n\n \tuser default off  \n";
  const users = parseUserList(content, "f", context);
  assert.ok(typeof users !== "string");
  assert.deepEqual([...users.keys()], ["a", "default"]);
  assert.equal(
    describeUser(users.get("a")!),
    "on nopass sanitize-payload ~k resetchannels -@all (~x resetchannels +@all)",
  );
});

test("every line that is wrong is told with its number", () => {
  assert.equal(
    errorsOf("user a on", "# comment", "user", "user a off", "user b\tc"),
    "f.acl:2 should start with user keyword followed by the username. " +
      "f.acl:3 should start with user keyword followed by the username. " +
      "WARNING: Duplicate user 'a' found on line 4. " +
      "'f.acl:5: username 'b\tc' contains invalid characters. ",
  );
});

test("of wrong rules in a line the first is told, and every unknown command", () => {
  assert.equal(
    errorsOf("user a +x nonsense more +y"),
    "f.acl:1: Error in applying operation '+x': Unknown command or category name in ACL. " +
      "f.acl:1: Syntax error. " +
      "f.acl:1: Error in applying operation '+y': Unknown command or category name in ACL. ",
  );
  assert.equal(errorsOf("user a (~k"), "f.acl:1: Unmatched parenthesis in selector definition.");
});
