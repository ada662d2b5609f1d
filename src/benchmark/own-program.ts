// Where the project's own programs are: beside this file, as TypeScript in the repository and as
// JavaScript in the package.
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const extension = extname(fileURLToPath(import.meta.url));

/** The file of a program; `name` is relative to this folder and ends in `.ts`. */
export function ownProgram(name: string): string {
  return fileURLToPath(new URL(name.replace(/\.ts$/, extension), import.meta.url));
}
