// Properties that every declaration must have, whatever it declares.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "./config.ts";
import { nodeFiles } from "./config-files.ts";
import { camelCase } from "./parameter.ts";
import { parameters } from "./parameters.ts";

test("no name is declared twice, not even as an alias", () => {
  const names = parameters.flatMap(({ name, alias }) =>
    alias === undefined ? [name] : [name, alias],
  );
  assert.equal(new Set(names).size, names.length);
  const keys = parameters.map(({ name }) => camelCase(name));
  assert.equal(new Set(keys).size, keys.length);
});

test("every initial value can be parsed from what it prints", () => {
  for (const parameter of parameters) {
    if (parameter.kind.initial !== undefined || parameter.name === "replicaof") continue;
    const text = parameter.kind.print(parameter.initial);
    const args = parameter.multiArgument === true && text !== "" ? text.split(" ") : [text];
    const parsed = parameter.kind.parse(args, {
      current: parameter.initial,
      repeated: false,
      files: nodeFiles,
      warn: assert.fail,
    });
    assert.deepEqual(parsed, { value: parameter.initial, text }, parameter.name);
  }
});

test("what is in force at first is what CONFIG GET shows", () => {
  const config = new Config();
  const values = config.values as Readonly<Record<string, unknown>>;
  for (const parameter of parameters) {
    const value = values[camelCase(parameter.name)];
    assert.equal(config.textOf(parameter), parameter.kind.print(value), parameter.name);
  }
});

test("every summary is one sentence", () => {
  for (const { name, summary } of parameters) {
    assert.match(summary, /^[A-Z][^\n]*[^.]\.$/, name);
    assert.ok(!summary.slice(0, -1).includes(". "), name);
  }
});
