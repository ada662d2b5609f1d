// docs/commands.md is what the declarations say. With UPDATE_DOCS=1 the page is written first.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandTable } from "../scripts/command-table.ts";

const page = join(import.meta.dirname, "../docs/commands.md");

test("the page is up to date", () => {
  if (process.env.UPDATE_DOCS === "1") writeFileSync(page, commandTable());
  assert.equal(readFileSync(page, "utf8"), commandTable());
});
