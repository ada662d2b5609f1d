// Events of keys (keyspace notifications), for the same generated requests to real Redis and to us.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { genericRequest, stringRequest } from "../support/key-requests.ts";
import { reasonToSkip } from "../support/real-redis.ts";

/**
 * SCAN and RANDOMKEY come by expired keys in an order of their own; LCS looks at its keys before it
 * looks at its options.
 */
const leftOut = new Set(["SCAN", "RANDOMKEY", "LCS"]);

describe("keys report what happens to them as in Redis", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`for ${comparedCommands} generated requests, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents((from) => {
      const request = from.oneIn(2) ? stringRequest(from) : genericRequest(from);
      return leftOut.has(String(request[0])) ? ["GET", "a"] : request;
    });
  });
});
