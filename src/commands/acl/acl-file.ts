// ACL LOAD and SAVE.
import { command } from "../../engine/command.ts";
import type { Host } from "../../engine/host.ts";
import { Failure } from "../../keyspace/failure.ts";
import { administration } from "./acl-shared.ts";

const notConfigured = new Failure(
  "ERR This Redis instance is not configured to use an ACL file. You may want to specify users " +
    "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis " +
    "configuration file set) in order to store users in the Redis configuration.",
);
const notSaved = new Failure(
  "ERR There was an error trying to save the ACLs. Please check the server logs for more " +
    "information",
);

function fileOf({ userFile }: Host): Host["userFile"] {
  if (!userFile.isConfigured) throw notConfigured;
  return userFile;
}

export const aclLoad = command({
  ...administration,
  name: "LOAD",
  summary: "Reads all users anew from their file: all of it, or nothing if there is an error.",
  since: "6.0.0",
  complexity: "O(N). Where N is the number of configured users.",
  words: [],

  run({ reply, engine }) {
    const reason = fileOf(engine.host).load();
    if (reason !== undefined) throw new Failure(`ERR ${reason}`);
    reply.ok();
  },
});

export const aclSave = command({
  ...administration,
  name: "SAVE",
  summary: "Writes all users into their file.",
  since: "6.0.0",
  complexity: "O(N). Where N is the number of configured users.",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [],

  run({ reply, engine }) {
    if (!fileOf(engine.host).save()) throw notSaved;
    reply.ok();
  },
});
