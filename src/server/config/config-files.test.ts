// The real file system, in a directory of its own.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { FileError, nodeFiles } from "./config-files.ts";

const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "config-files-"));
after(() => fs.rmSync(root, { recursive: true }));

test("replacing a file leaves the new content and no other file", () => {
  const directory = fs.mkdtempSync(path.join(root, "replace-"));
  const file = path.join(directory, "a.conf");
  nodeFiles.replace(file, "one\n");
  nodeFiles.replace(file, "two\udcff\n");
  assert.deepEqual([...fs.readFileSync(file)], [...Buffer.from("two"), 0xff, 0x0a]);
  assert.equal(nodeFiles.read(file), "two\udcff\n");
  assert.deepEqual(fs.readdirSync(directory), ["a.conf"]);
});

test("a replacement that fails leaves nothing behind", () => {
  const directory = fs.mkdtempSync(path.join(root, "fail-"));
  // A directory cannot be replaced by a file.
  fs.mkdirSync(path.join(directory, "a.conf"));
  assert.throws(() => nodeFiles.replace(path.join(directory, "a.conf"), "x"), FileError);
  assert.deepEqual(fs.readdirSync(directory), ["a.conf"]);
});

test("reading says why it fails in the words of C", () => {
  assert.throws(
    () => nodeFiles.read(path.join(root, "gone")),
    (error) => {
      assert.ok(error instanceof FileError);
      assert.equal(error.reason, "No such file or directory");
      assert.equal(error.notFound, true);
      return true;
    },
  );
  assert.throws(
    () => nodeFiles.read(root),
    (error) => error instanceof FileError && error.reason === "Is a directory" && !error.notFound,
  );
});

test("a directory is entered from where one stands", () => {
  fs.mkdirSync(path.join(root, "in", "deep"), { recursive: true });
  fs.writeFileSync(path.join(root, "in", "file"), "");
  const from = path.join(root, "in");
  assert.deepEqual(nodeFiles.resolveDirectory(from, "deep"), { path: path.join(from, "deep") });
  assert.deepEqual(nodeFiles.resolveDirectory(from, "./"), { path: from });
  assert.deepEqual(nodeFiles.resolveDirectory(from, root), { path: root });
  assert.deepEqual(nodeFiles.resolveDirectory(from, "file"), { reason: "Not a directory" });
  for (const to of ["gone", ""]) {
    assert.deepEqual(nodeFiles.resolveDirectory(from, to), { reason: "No such file or directory" });
  }
});

test("a log file is tried without changing it", () => {
  const file = path.join(root, "server.log");
  fs.writeFileSync(file, "old\n");
  assert.equal(nodeFiles.checkAppend(file), undefined);
  assert.equal(fs.readFileSync(file, "utf8"), "old\n");
  assert.equal(nodeFiles.checkAppend(root), "Is a directory");
  assert.equal(nodeFiles.checkAppend(path.join(root, "gone", "x")), "No such file or directory");
});

test("the names in a directory that cannot be read are none", () => {
  assert.deepEqual(nodeFiles.list(path.join(root, "gone")), []);
});
