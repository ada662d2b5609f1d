// Pools of requests, read back word by word.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import type { PoolOptions, Unit } from "./request-pool.ts";
import { RequestPool } from "./request-pool.ts";

function optionsFor(units: readonly Unit[]): PoolOptions {
  const random = seededRandom(3);
  return { units, keys: 50, distribution: "uniform", valueBytes: 5, random };
}

/** The words of every command of a unit. */
function commandsOf(pool: RequestPool, unit: number): string[][] {
  const text = pool.bytes.toString("latin1", pool.starts[unit], pool.starts[unit + 1]);
  const commands: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const lengthOf = (mark: string): number => {
      const [whole, digits] = new RegExp(`^\\${mark}(\\d+)\r\n`).exec(text.slice(at))!;
      at += whole.length;
      return Number(digits);
    };
    const words: string[] = [];
    for (let left = lengthOf("*"); left > 0; left--) {
      const length = lengthOf("$");
      words.push(text.slice(at, at + length));
      at += length;
      assert.equal(text.slice(at, at + 2), "\r\n");
      at += 2;
    }
    commands.push(words);
  }
  return commands;
}

describe("RequestPool", () => {
  it("draws units by their weights, with their blanks filled in", () => {
    const pool = RequestPool.draw(
      optionsFor([
        { commands: [["GET", "key:{key}"]], weight: 3 },
        { commands: [["MULTI"], ["ZADD", "z", "{score}", "{member}x"], ["EXEC"]] },
      ]),
    );
    let gets = 0;
    for (let unit = 0; unit < 2000; unit++) {
      const commands = commandsOf(pool, unit);
      assert.equal(pool.replies[unit + 1] - pool.replies[unit], commands.length);
      if (commands[0][0] === "GET") {
        gets++;
        assert.match(commands[0][1], /^key:0{10}[0-4]\d$/);
      } else {
        assert.equal(commands.length, 3);
        assert.match(commands[1].join(" "), /^ZADD z 0{6}\d{6} 0{10}[0-4]\dx$/);
      }
    }
    assert.ok(Math.abs(gets - 1500) < 100, `${gets} of 2,000 are GET`);
  });

  it("writes values of letters, as long as they should be, and inline commands as lines", () => {
    const values = RequestPool.draw(optionsFor([{ commands: [["SET", "k", "{value}"]] }]));
    assert.match(commandsOf(values, 0)[0][2], /^[a-z]{5}$/);
    const lines = RequestPool.draw(optionsFor([{ commands: [["PING"]], isInline: true }]));
    assert.equal(lines.bytes.toString("latin1", 0, lines.starts[2]), "PING\r\nPING\r\n");
  });

  it("fills with each key in turn, part by part", () => {
    const options = optionsFor([
      { commands: [["A", "{key}", "{next}", "{next}"]] },
      { commands: [["B", "{key}"]] },
    ]);
    const pool = RequestPool.sequence(options, 4, 6);
    const words = Array.from({ length: pool.unitCount }, (_, unit) => commandsOf(pool, unit)[0]);
    assert.deepEqual(
      words.map((each) => each.join(" ").replaceAll(/0+(?=\d)/g, "")),
      ["A 4 8 9", "B 4", "A 5 10 11", "B 5"],
    );
  });
});
