// Commands on whole keys, the same generated requests to real Redis and to us.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { genericRequest } from "../support/key-requests.ts";
import { reasonToSkip } from "../support/real-redis.ts";

describe("generic commands reply as Redis does", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`to ${comparedCommands} generated requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(genericRequest);
  });
});
