// What becomes of messages between PUBLISH and the end of the turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1 } from "../bytes/ascii.ts";
import { FanOut } from "./fan-out.ts";
import type { Session } from "./session.ts";

/** Who gets messages: what came, and whether it was told or sent at once. */
class Listener {
  readonly got: string[] = [];
  readonly session: Session;

  constructor(protocol = 2) {
    const link = {
      outputBytes: 0,
      push: (bytes: Uint8Array) => void this.got.push(`pushed ${latin1(bytes, 0, bytes.length)}`),
      pushLast: (bytes: Uint8Array) => void this.got.push(`sent ${latin1(bytes, 0, bytes.length)}`),
    };
    this.session = { protocol, sentBytes: 0, link } as unknown as Session;
  }
}

function makeFanOut(): { fanOut: FanOut; turns: () => number } {
  const fanOut = new FanOut();
  let turns = 0;
  fanOut.hold(() => void turns++);
  return { fanOut, turns: () => turns };
}

test("holds nothing while nobody ends turns", () => {
  const fanOut = new FanOut();
  assert.equal(fanOut.add(new Set(), ["message"]), false);
  assert.equal(fanOut.isHolding, false);
});

test("sends the messages of a turn together, in each protocol's words", () => {
  const { fanOut, turns } = makeFanOut();
  const listeners = Array.from({ length: 40 }, (_, index) => new Listener(2 + (index & 1)));
  const sessions = new Set(listeners.map((each) => each.session));
  assert.ok(fanOut.add(sessions, ["m", "1"]));
  assert.ok(fanOut.add(sessions, ["m", "2"]));
  assert.equal(turns(), 1);
  assert.ok(listeners.every(({ got }) => got.length === 0));
  fanOut.send();
  fanOut.send();
  for (const { got, session } of listeners) {
    const head = session.protocol === 2 ? "*" : ">";
    const message = (text: string): string => `${head}2\r\n$1\r\nm\r\n$1\r\n${text}\r\n`;
    assert.deepEqual(got, [`sent ${message("1")}${message("2")}`]);
  }
  assert.equal(fanOut.isHolding, false);
});

test("pushes what is held before another topic's message", () => {
  const { fanOut } = makeFanOut();
  const both = new Listener();
  const [first, second] = [new Set([both.session]), new Set([both.session])];
  fanOut.add(first, ["a"]);
  fanOut.add(second, ["b"]);
  assert.deepEqual(both.got, ["pushed *1\r\n$1\r\na\r\n"]);
  fanOut.release();
  assert.deepEqual(both.got.slice(1), ["pushed *1\r\n$1\r\nb\r\n"]);
  fanOut.release();
  assert.equal(both.got.length, 2);
});

test("a listener that goes away while it is told of ends nothing", () => {
  const { fanOut } = makeFanOut();
  const [one, two] = [new Listener(), new Listener()];
  const sessions = new Set([one.session, two.session]);
  fanOut.add(sessions, ["a"]);
  sessions.delete(one.session);
  fanOut.send();
  assert.deepEqual([one.got.length, two.got.length], [0, 1]);
});
