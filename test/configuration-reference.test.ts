// docs/configuration.md is what the declarations say. With UPDATE_DOCS=1 the page is written first.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parameters } from "../src/server/config/parameters.ts";
import { configurationReference } from "../scripts/configuration-reference.ts";

const page = join(import.meta.dirname, "../docs/configuration.md");

test("the page is up to date", () => {
  if (process.env.UPDATE_DOCS === "1") writeFileSync(page, configurationReference());
  assert.equal(readFileSync(page, "utf8"), configurationReference());
});

test("the page has a row for every parameter", () => {
  const text = configurationReference();
  for (const { name } of parameters) {
    assert.ok(
      text.split("\n").some((line) => line.startsWith(`| \`${name}\``)),
      name,
    );
  }
});
