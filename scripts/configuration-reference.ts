// docs/configuration.md, made from the declarations. A test holds the committed page equal to what
// this function answers.

import type { Parameter } from "../src/server/config/parameter.ts";
import { themes } from "../src/server/config/parameters.ts";

/** The whole page in Markdown. */
export function configurationReference(): string {
  const sections = themes.map(({ title, parameters }) => `## ${title}\n\n${table(parameters)}\n`);
  return `${introduction}\n${sections.join("\n")}`;
}

const introduction = `# Configuration

Generated from the declarations in \`src/server/config/parameters/\`. After changing them run
\`UPDATE_DOCS=1 node --test test/configuration-reference.test.ts\`.

Respite reads the configuration of Redis: a file (\`respite redis.conf\`), options
(\`--maxmemory 100mb\`), standard input (\`-\`), and CONFIG SET while it runs. Later ones win.
CONFIG REWRITE writes what is in force back into the file.

Notes in the tables:

- *start only*: CONFIG SET cannot change it.
- *protected*: CONFIG SET can change it if \`enable-protected-configs\` allows it.
- *hidden*: left out of \`CONFIG GET *\`, answered when named exactly.
- *secret*: kept out of logs.
- *fixed, awaits X*: X does not exist yet. CONFIG GET shows what is in force, CONFIG SET refuses
  anything else, and a file that asks for something else gets a warning at start.
- *unused, awaits X*: the value is kept and shown, and matters once X exists.
`;

function table(parameters: readonly Parameter[]): string {
  const rows = parameters.map((parameter) =>
    row([nameCell(parameter), initialCell(parameter), valuesCell(parameter), noteCell(parameter)]),
  );
  return [row(["Parameter", "Default", "Values", "Meaning"]), "|---|---|---|---|", ...rows].join(
    "\n",
  );
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function nameCell({ name, alias }: Parameter): string {
  return alias === undefined ? `\`${name}\`` : `\`${name}\` (also \`${alias}\`)`;
}

function initialCell({ kind, initial, awaits }: Parameter): string {
  const isOther = awaits?.form === "fixed" && awaits.inForce !== undefined;
  if (kind.initial !== undefined) return "where it was started";
  const text = kind.print(isOther ? awaits.inForce : initial);
  return text === "" ? "(empty)" : `\`${text}\``;
}

function valuesCell({ kind }: Parameter): string {
  return kind.describes;
}

function noteCell(parameter: Parameter): string {
  const notes = notesOf(parameter);
  return notes.length === 0 ? parameter.summary : `${parameter.summary} *${notes.join(", ")}*`;
}

function notesOf({ mutability, hidden, sensitive, awaits }: Parameter): string[] {
  const notes: string[] = [];
  if (mutability === "immutable") notes.push("start only");
  if (mutability === "protected") notes.push("protected");
  if (hidden === true) notes.push("hidden");
  if (sensitive === true) notes.push("secret");
  if (awaits?.form === "fixed") notes.push(`fixed, awaits ${awaits.feature}`);
  if (awaits?.form === "stored") notes.push(`unused, awaits ${awaits.feature}`);
  return notes;
}
