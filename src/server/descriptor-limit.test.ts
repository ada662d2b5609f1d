// `maxclients` under limits of the test's own.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Config } from "./config/config.ts";
import { limitClients } from "./descriptor-limit.ts";

function underLimit(limits: string): { config: Config; warnings: string[] } {
  const config = new Config();
  const warnings: string[] = [];
  limitClients(config, { readLimits: () => limits, warn: (text) => warnings.push(text) });
  return { config, warnings };
}

function limited(soft: string): string {
  return (
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max processes             31365                31365                processes \n" +
    `Max open files            ${soft.padEnd(20)} 1048576              files     \n`
  );
}

describe("maxclients", () => {
  it("stays where the system lets us have as many", () => {
    for (const limits of [limited("10032"), limited("unlimited"), ""]) {
      const { config, warnings } = underLimit(limits);
      assert.equal(config.values.maxclients, 10_000);
      assert.deepEqual(warnings, []);
    }
  });

  it("is reduced where it does not, and says so", () => {
    const { config, warnings } = underLimit(limited("1024"));
    assert.equal(config.values.maxclients, 992);
    assert.match(
      warnings[0],
      /^You requested maxclients of 10000 requiring at least 10032 max file/,
    );
    assert.match(
      warnings[1],
      /^Current maximum open files is 1024\. maxclients has been reduced to 992 /,
    );
    assert.equal(underLimit(limited("20")).config.values.maxclients, 1);
  });

  it("cannot be raised beyond the limit", () => {
    const { config } = underLimit(limited("1024"));
    const reason = config.set([["maxclients", "993"]]);
    assert.match(
      String(reason),
      /not able to handle the specified number of clients, try with 992$/,
    );
    assert.equal(config.values.maxclients, 992);
    assert.equal(config.set([["maxclients", "900"]]), undefined);
  });
});
