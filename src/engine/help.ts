// HELP of a container (CONFIG HELP, OBJECT HELP...): a subcommand that is derived from its
// siblings. The reply has Redis's shape, an array of simple strings: a heading, for each subcommand
// its syntax and its indented summary, and HELP itself at the end.
import type { CommandDeclaration } from "./command.ts";
import type { Word } from "./word.ts";

const indent = "    ";
/** Columns of a summary's line, without its indent: the width of Redis's own lines. */
const summaryColumns = 76;

/**
 * The HELP subcommand of a container, to be listed last among its `subcommands`. The container is
 * asked for when the lines are first needed, so it can be the very constant whose declaration calls
 * this; that constant needs a type annotation then.
 */
export function help(container: () => CommandDeclaration, since: string): CommandDeclaration {
  let lines: string[] | undefined;
  return {
    name: "HELP",
    summary: "Lists the subcommands with their syntax.",
    since,
    get group() {
      return container().group;
    },
    get categories() {
      return container().categories ?? [];
    },
    complexity: "O(1)",
    flags: ["loading", "stale"],
    words: [],

    run({ reply }) {
      lines ??= helpLines(container());
      reply.array(lines.length);
      for (const line of lines) reply.simple(line);
    },
  };
}

/** The reply's lines. */
export function helpLines(container: CommandDeclaration): string[] {
  const lines = [
    `${container.name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...(container.run === undefined ? [] : ["(no subcommand)", ...wrap(container.summary)]),
  ];
  for (const each of container.subcommands ?? []) {
    if (each.name === "HELP") continue;
    lines.push([each.name, ...synopsis(each.words)].join(" "), ...wrap(each.summary));
  }
  lines.push("HELP", `${indent}Print this help.`);
  return lines;
}

/**
 * What stands after a command's name, a text for each word: `<key>`, `[NX|XX]`, `[COUNT <count>]`.
 */
export function synopsis(words: readonly Word[]): string[] {
  return words.map((word) => {
    const once = one(word);
    const text = word.many === true ? `${once} [${repetition(word)} ...]` : once;
    return word.optional === true ? `[${text}]` : text;
  });
}

function one(word: Word): string {
  const value = valueOf(word);
  if (word.token === undefined || word.kind === "pure-token") return value;
  return `${word.token} ${value}`;
}

/** What may follow a first occurrence; the token is said again only when it must be. */
function repetition(word: Word): string {
  return word.manyTokens === true ? one(word) : valueOf(word);
}

function valueOf(word: Word): string {
  if (word.kind === "pure-token") return word.token ?? word.name.toUpperCase();
  const children = synopsis(word.children ?? []);
  if (word.kind === "block") return children.join(" ");
  if (word.kind !== "oneof") return `<${word.display ?? word.name}>`;
  // Brackets of an optional choice, or none at all around a single one, set the alternatives apart
  // well enough.
  const isEnclosed = word.optional === true && word.token === undefined && word.many !== true;
  return isEnclosed || children.length === 1 ? children.join("|") : `(${children.join("|")})`;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.split(" ")) {
    if (line !== "" && line.length + 1 + piece.length > summaryColumns) {
      lines.push(indent + line);
      line = piece;
    } else {
      line = line === "" ? piece : `${line} ${piece}`;
    }
  }
  return [...lines, indent + line];
}
