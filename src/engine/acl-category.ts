// The ACL categories of a command, from its flags and its group; declarations add what these do not
// imply.
import type { CommandDeclaration, CommandGroup } from "./command.ts";

/** In the order in which Redis lists them. */
export const categoryNames = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
] as const;

const categoryOfGroup: Partial<Record<CommandGroup, string>> = {
  bitmap: "bitmap",
  connection: "connection",
  generic: "keyspace",
  geo: "geo",
  hash: "hash",
  hyperloglog: "hyperloglog",
  list: "list",
  scripting: "scripting",
  set: "set",
  "sorted-set": "sortedset",
  stream: "stream",
  string: "string",
  transactions: "transaction",
};

export function aclCategories(declaration: CommandDeclaration): readonly string[] {
  const { flags } = declaration;
  const found = new Set<string>(declaration.categories);
  // A name that only holds subcommands does nothing to a group's data; the subcommands are in the
  // category.
  const isMereContainer = declaration.subcommands !== undefined && declaration.run === undefined;
  const isOutside = isMereContainer || declaration.isOutsideGroupCategory === true;
  const ofGroup = isOutside ? undefined : categoryOfGroup[declaration.group];
  if (ofGroup !== undefined) found.add(ofGroup);
  if (flags.includes("write")) found.add("write");
  if (flags.includes("readonly") && !found.has("scripting")) found.add("read");
  if (flags.includes("admin")) found.add("admin").add("dangerous");
  if (flags.includes("pubsub")) found.add("pubsub");
  if (flags.includes("blocking")) found.add("blocking");
  found.add(flags.includes("fast") ? "fast" : "slow");
  return categoryNames.filter((name) => found.has(name));
}
