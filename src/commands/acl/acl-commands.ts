// ACL: users and what they may do.
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { aclCat } from "./acl-cat.ts";
import { aclDryRun } from "./acl-dryrun.ts";
import { aclLoad, aclSave } from "./acl-file.ts";
import { aclGenPass } from "./acl-genpass.ts";
import { aclLog } from "./acl-log.ts";
import { aclDelUser, aclGetUser, aclList, aclSetUser, aclUsers, aclWhoAmI } from "./acl-user.ts";

const acl: CommandDeclaration = command({
  name: "ACL",
  summary: "Commands about users and what they may do.",
  since: "6.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: ["sentinel"],
  words: [],
  subcommands: [
    aclCat,
    aclDelUser,
    aclDryRun,
    aclGenPass,
    aclGetUser,
    aclList,
    aclLoad,
    aclLog,
    aclSave,
    aclSetUser,
    aclUsers,
    aclWhoAmI,
    help(() => acl, "6.0.0"),
  ],
});

export const aclCommands: readonly CommandDeclaration[] = [acl];
