// Makes dist/, which is what the package publishes: dist/esm (the library entry and the program)
// and dist/cjs (the library entry again, for `require`), each with its declarations. Run by `npm
// run build`, and by npm itself before it packs.

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

function compile(project: string): void {
  const { status } = spawnSync(process.execPath, [tsc, "--project", join(root, project)], {
    stdio: "inherit",
  });
  if (status !== 0) {
    process.exit(1);
  }
}

rmSync(dist, { recursive: true, force: true });
compile("tsconfig.esm.json");
compile("tsconfig.cjs.json");

// Without this the nearest package.json would say that the .js files in dist/cjs are ES modules.
writeFileSync(join(dist, "cjs", "package.json"), '{ "type": "commonjs" }\n');

// npm links the programs to these files, and a shell runs them by their first line.
for (const name of ["main", "check-aof", "check-rdb"]) {
  if (!readFileSync(join(dist, "esm", `${name}.js`), "utf8").startsWith("#!/usr/bin/env node\n")) {
    throw new Error(`src/${name}.ts must begin with the line #!/usr/bin/env node`);
  }
}
