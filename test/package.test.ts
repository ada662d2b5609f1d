// What `npm install respite` gives: the tarball is packed as npm packs it, installed into an empty
// folder with the network off, and used as a program, by `import` and by `require`, under every
// Node that this machine has. The versions that ran are printed.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";

const root = join(import.meta.dirname, "..");
const oldestMajor = 20;

interface NodeProgram {
  readonly path: string;
  readonly version: string;
}

/** Without what the npm that runs this test has put there: a user's shell has none of it. */
function userEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name));
  return { ...Object.fromEntries(kept), NODE_TEST_CONTEXT: undefined };
}

/** This Node first, then each other version on the machine; RESPITE_NODES adds paths. */
function findNodes(): NodeProgram[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  const extra = (process.env["RESPITE_NODES"] ?? "").split(delimiter).filter((path) => path !== "");
  const paths = [process.execPath, ...extra, ...folders.map((folder) => join(folder, "node"))];
  const byVersion = new Map<string, NodeProgram>();
  for (const path of new Set(paths.filter((p) => existsSync(p)).map((p) => realpathSync(p)))) {
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    const isSupported = Number(/^v(\d+)/.exec(version)?.[1]) >= oldestMajor;
    if (isSupported && !byVersion.has(version)) byVersion.set(version, { path, version });
  }
  return [...byVersion.values()];
}

/** Whether it has `node:ffi`, on a system where that is of use. */
function hasOwnLoop({ version }: NodeProgram): boolean {
  return process.platform === "linux" && Number(/^v(\d+)/.exec(version)?.[1]) >= 26;
}

const nodes = findNodes();
const packed = mkdtempSync(join(tmpdir(), "respite-package-"));
const user = join(packed, "user");
const installed = join(user, "node_modules", "respite");

function npm(folder: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd: folder, env: userEnvironment(), encoding: "utf8" });
}

/**
 * Runs a script in the user's folder, where `respite` is installed, and returns what it printed.
 */
function runScript(node: NodeProgram, name: string, script: string): string {
  const path = join(user, name);
  writeFileSync(path, script);
  return execFileSync(node.path, [path], {
    cwd: user,
    env: userEnvironment(),
    encoding: "utf8",
    timeout: 30_000,
  });
}

/**
 * Sends one inline PING and resolves to all that the server had answered when `+PONG` was there.
 */
async function ping(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  let answer = "";
  try {
    socket.write("PING\r\n");
    for await (const chunk of socket) {
      answer += chunk as string;
      if (answer.includes("\n")) break;
    }
  } finally {
    socket.destroy();
  }
  return answer;
}

// Starts a server, speaks to it over a socket, closes it, and would hang if anything stayed open.
const useLibrary = `
  const server = await createServer({ port: 0 });
  const socket = connect(server.port, "127.0.0.1");
  socket.write("*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$1\\r\\nv\\r\\n");
  socket.write("*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nk\\r\\n");
  let answer = "";
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.endsWith("v\\r\\n")) break;
  }
  socket.destroy();
  await server.close();
  console.log(JSON.stringify({ answer, port: server.port }));
`;

function assertServed(printed: string): void {
  const { answer, port } = JSON.parse(printed) as { answer: string; port: number };
  assert.equal(answer, "+OK\r\n$1\r\nv\r\n");
  assert.ok(Number.isInteger(port) && port > 0, `port ${port}`);
}

before(() => {
  npm(root, "pack", "--silent", "--pack-destination", packed);
  const tarball = readdirSync(packed).find((name) => name.endsWith(".tgz"));
  assert.ok(tarball !== undefined, "npm pack left no tarball");
  mkdirSync(user);
  writeFileSync(join(user, "package.json"), '{ "name": "user", "private": true }\n');
  npm(user, "install", "--offline", "--no-audit", "--no-fund", join(packed, tarball));
});

after(() => {
  rmSync(packed, { recursive: true, force: true });
});

describe("the package", () => {
  test("has no dependencies and no install scripts", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Record<
      string,
      Record<string, string> | undefined
    >;
    for (const field of ["dependencies", "optionalDependencies", "peerDependencies"]) {
      assert.deepEqual(Object.keys(manifest[field] ?? {}), [], field);
    }
    const atInstall = new Set(["preinstall", "install", "postinstall", "prepare", "preprepare"]);
    const scripts = Object.keys(manifest["scripts"] ?? {});
    assert.deepEqual(
      scripts.filter((name) => atInstall.has(name)),
      [],
    );
    assert.ok(!existsSync(join(installed, "binding.gyp")), "npm would compile a binding.gyp");
    const names = readdirSync(join(user, "node_modules")).filter((name) => !name.startsWith("."));
    assert.deepEqual(names, ["respite"]);
  });

  test("holds compiled code, declarations and the documents, and nothing else", () => {
    assert.deepEqual(readdirSync(installed).toSorted(), [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist",
      "package.json",
    ]);
    const files = readdirSync(join(installed, "dist"), { recursive: true }).map(String);
    assert.deepEqual(
      files.filter((name) => /\.test\.|(?<!\.d)\.ts$/.test(name)),
      [],
    );
    for (const name of ["esm/index", "cjs/index", "esm/main"]) {
      assert.ok(files.includes(join(`${name}.js`)), `${name}.js`);
      assert.ok(files.includes(join(`${name}.d.ts`)), `${name}.d.ts`);
    }
  });

  test("its declarations compile in a user's strict project, by import and by require", () => {
    const use = 'import { createServer } from "respite";\nexport const start = createServer;\n';
    writeFileSync(join(user, "user.mts"), use);
    writeFileSync(join(user, "user.cts"), use);
    const types = join(user, "node_modules", "@types");
    mkdirSync(types);
    try {
      symlinkSync(join(root, "node_modules", "@types", "node"), join(types, "node"), "junction");
      const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
      const options = ["--noEmit", "--strict", "--module", "nodenext", "--types", "node"];
      execFileSync(process.execPath, [tsc, ...options, "user.mts", "user.cts"], {
        cwd: user,
        encoding: "utf8",
      });
    } finally {
      rmSync(types, { recursive: true });
    }
  });
});

for (const node of nodes) {
  describe(`under Node ${node.version}`, () => {
    test("the program starts, answers, and ends with code 0 on SIGTERM", async (t) => {
      t.diagnostic(`ran under ${node.path}`);
      const first = join(packed, node.version);
      mkdirSync(first);
      symlinkSync(node.path, join(first, "node"));
      // What npx runs; its first line looks `node` up in PATH.
      const program = spawn(join(user, "node_modules", ".bin", "respite"), ["--port", "0"], {
        cwd: user,
        env: { ...userEnvironment(), PATH: `${first}${delimiter}${process.env["PATH"]}` },
        stdio: "pipe",
      });
      const ended = once(program, "exit");
      const errors = text(program.stderr);
      const deadline = setTimeout(() => program.kill("SIGKILL"), 30_000);
      try {
        let port = 0;
        let log = "";
        for await (const line of createInterface({ input: program.stdout })) {
          log += `${line}\n`;
          port ||= Number(/\* Running mode=standalone, port=(\d+)\./.exec(line)?.[1] ?? 0);
          if (line.includes("Ready to accept connections")) break;
        }
        assert.ok(port > 0, `no port in the log:\n${log}`);
        assert.equal(await ping(port), "+PONG\r\n");
        program.kill("SIGTERM");
        assert.deepEqual(await ended, [0, null]);
        assert.match(
          log,
          hasOwnLoop(node) ? / Event loop: epoll\n/ : / Event loop: node:net, not /,
        );
        assert.equal(await errors, "");
      } finally {
        clearTimeout(deadline);
        program.kill("SIGKILL");
        await ended;
      }
    });

    test("respite benchmark finds its programs, and measures", () => {
      const program = join(installed, "dist", "esm", "main.js");
      const what = "--servers respite --tests set --pipeline 2 --rate 1000 --rounds 1 --memory 0";
      const words = `${what} --seconds 0.1 --warm-up 0 --json measured.json`.split(" ");
      execFileSync(node.path, [program, "benchmark", ...words], {
        cwd: user,
        env: userEnvironment(),
        stdio: "ignore",
        timeout: 60_000,
      });
      const { cells } = JSON.parse(readFileSync(join(user, "measured.json"), "utf8")) as {
        cells: { server: string; median: { errors: number } }[];
      };
      assert.deepEqual(
        cells.map(({ server, median }) => [server, median.errors]),
        [
          ["respite", 0],
          ["respite", 0],
        ],
      );
    });

    test("the library serves by import", () => {
      const head = 'import { connect } from "node:net";\nimport { createServer } from "respite";\n';
      assertServed(runScript(node, "by-import.mjs", head + useLibrary));
    });

    test("the library serves by require", () => {
      const head =
        'const { connect } = require("node:net");\nconst { createServer } = require("respite");\n';
      const body = `(async () => {${useLibrary}})();\n`;
      assertServed(runScript(node, "by-require.cjs", head + body));
    });
  });
}
