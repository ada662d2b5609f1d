// Names are found in any case, and nothing but names: words of four bytes are compared, in which
// other bytes than letters may look like letters.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../bytes/ascii.ts";
import { viewed } from "../bytes/viewed.ts";
import { CommandTable } from "./command-table.ts";
import type { RegisteredCommand } from "./registered-command.ts";

function named(name: string): RegisteredCommand {
  return { nameBytes: asciiBytes(name) } as RegisteredCommand;
}

const names = ["a", "xy", "get", "set", "ping", "lpush", "zrange", "expireat", "zrangebyscore"];
const odd = ["restore-asking", "get-2", "p1", "_a", "abc@"];
const commands = [...names, ...odd].map(named);
const table = new CommandTable(commands);

/** The name between other bytes, in an array that has a view and in one that has none. */
function findBoth(text: string): (RegisteredCommand | undefined)[] {
  const bytes = asciiBytes(`xx${text}\r\n`);
  return [
    table.find(bytes, 2, text.length),
    table.find(viewed(bytes.slice()), 2, text.length),
    table.find(viewed(asciiBytes(text)), 0, text.length),
  ];
}

describe("CommandTable", () => {
  it("finds every name in any case", () => {
    for (const [index, name] of [...names, ...odd].entries()) {
      for (const text of [name, name.toUpperCase(), name[0].toUpperCase() + name.slice(1)]) {
        for (const found of findBoth(text)) assert.equal(found, commands[index], text);
      }
    }
  });

  it("finds nothing else", () => {
    const known = new Set([...names, ...odd]);
    const near = fc
      .tuple(fc.constantFrom(...known), fc.nat(13), fc.nat(255))
      .map(([name, at, byte]) => {
        const changed = String.fromCharCode(byte);
        return name.slice(0, at) + changed + name.slice(at + 1);
      });
    const any = fc.string({ unit: "binary-ascii", maxLength: 14 });
    fc.assert(
      fc.property(fc.oneof(near, any), (text) => {
        const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        for (const found of findBoth(text)) assert.equal(found !== undefined, known.has(lower));
      }),
      { numRuns: 3000 },
    );
  });
});
