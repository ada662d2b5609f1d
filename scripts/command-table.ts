// Makes docs/commands.md: every command of Redis 7.4 against those that are declared here, and what
// is here beyond them.
import type { CommandDeclaration } from "../src/engine/command.ts";
import { commands } from "../src/commands/commands.ts";
import { redis74Commands } from "./redis-commands.ts";

/** `NAME` and `CONTAINER|NAME` of everything that is declared. */
function declaredNames(declarations: readonly CommandDeclaration[]): string[] {
  return declarations.flatMap((each) => [
    each.name,
    ...(each.subcommands ?? []).map((sub) => `${each.name}|${sub.name}`),
  ]);
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name.replace("|", " ")}\``).join(", ");
}

/** The page's text. */
export function commandTable(): string {
  const declared = new Set(declaredNames(commands));
  const known = new Set(Object.values(redis74Commands).flat());
  let here = 0;
  const rows = Object.entries(redis74Commands).map(([group, names]) => {
    const there = names.filter((name) => declared.has(name));
    const missing = names.filter((name) => !declared.has(name));
    here += there.length;
    return `| ${group} | ${there.length} of ${names.length} | ${list(missing)} |`;
  });
  const beyond = [...declared].filter((name) => !known.has(name)).sort();
  return `# Commands

Made from the declarations; after a change run
\`UPDATE_DOCS=1 node --test test/command-table.test.ts\`.

Of the ${known.size} commands and subcommands of Redis 7.4, Sentinel's not counted, ${here} are
there. The group \`cluster\` and \`MODULE\` are there to be refused, with the words of a Redis that
is not a node of a cluster and loads no modules.

| group | there | missing |
| --- | --- | --- |
${rows.join("\n")}

Beyond Redis 7.4: ${beyond.length === 0 ? "none" : list(beyond)}.
`;
}
