// Scripts reply as real Redis replies, errors and all.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import {
  functionExamples,
  newerScriptExamples,
  scriptExamples,
} from "../support/script-examples.ts";

describe("scripts reply as in Redis", { skip: reasonToSkip() }, () => {
  let real: RealRedis;
  before(async () => {
    real = await RealRedis.start();
  });
  after(() => real.stop());

  for (const protocol of [2, 3] as const) {
    it(`to a RESP${protocol} client`, async () => {
      const ours = new EngineHarness(commands, { settings: { enableDebugCommand: "yes" } });
      ours.session.protocol = protocol;
      await real.run([["FLUSHALL"], ["SCRIPT", "FLUSH"], ["HELLO", protocol]]);
      const examples = [...scriptExamples, ...functionExamples];
      const replies = await real.run(examples);
      const differences: string[] = [];
      for (const [index, request] of examples.entries()) {
        const expected = shown(replies[index]);
        const reply = shown(ours.runBytes(...request));
        if (reply !== expected) {
          differences.push(`${request.join(" ")}\n  Redis: ${expected}\n  we:    ${reply}`);
        }
      }
      assert.equal(differences.length, 0, differences.join("\n"));
    });
  }
});

it("replies to scripts as later versions of Redis do, where 7.0 differs", () => {
  const ours = new EngineHarness(commands);
  for (const [request, expected] of newerScriptExamples) {
    assert.equal(shown(ours.runBytes(...request)), JSON.stringify(expected), request.join(" "));
  }
});

function shown(reply: Uint8Array): string {
  return JSON.stringify(Buffer.from(reply).toString("latin1"));
}
