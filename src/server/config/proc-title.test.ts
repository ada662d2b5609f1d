// Templates of the process's title.

import assert from "node:assert/strict";
import { test } from "node:test";
import { expandProcTitle, procTitleError } from "./proc-title.ts";

const variables = {
  title: "respite",
  "listen-addr": "*:6379",
  "server-mode": "",
  port: "6379",
  "tls-port": "0",
  unixsocket: "",
  "config-file": "-",
};

test("a template's variables are filled in", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["{title} {listen-addr} {server-mode}", "respite *:6379"],
    ["  {port}-{config-file}  ", "6379--"],
    ["{{title} {{{title}", "{title} {respite"],
    ["plain }", "plain }"],
    ["{nope}", undefined],
    ["{title", undefined],
    ["{", undefined],
    ["{}", undefined],
  ];
  for (const [template, expected] of cases) {
    assert.equal(expandProcTitle(template, variables), expected, template);
  }
});

test("a template that could give an empty title is refused", () => {
  for (const template of ["", "  ", "{title}", "{server-mode} {unixsocket}", "{x}"]) {
    assert.notEqual(procTitleError(template), undefined, template);
  }
  for (const template of ["x", "{port}", "{listen-addr}", "--my--title--template", "{{"]) {
    assert.equal(procTitleError(template), undefined, template);
  }
});
