// Addresses as Linux lays them out, against what Node makes of the same text.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  addressBytesMax,
  family,
  readSocketAddress,
  writeSocketAddress,
  writeUnixAddress,
} from "./socket-address.ts";

const ports = fc.integer({ min: 0, max: 65_535 });

test("an address is read as it was written, in the form that the system uses", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), ports, (host, port) => {
      const bytes = new Uint8Array(addressBytesMax);
      const written = writeSocketAddress(bytes, { host, port });
      const read = readSocketAddress(bytes);
      assert.equal(written.length, written.family === family.ipv4 ? 16 : 28);
      assert.equal(read?.port, port);
      const isV6 = host.includes(":");
      const shown = new URL(`http://${isV6 ? `[${read?.host}]` : read?.host}/`).hostname;
      assert.equal(shown, new URL(`http://${isV6 ? `[${host}]` : host}/`).hostname);
    }),
  );
});

test("known addresses have known bytes", () => {
  const bytes = new Uint8Array(addressBytesMax);
  writeSocketAddress(bytes, { host: "127.0.0.1", port: 6379 });
  assert.deepEqual([...bytes.subarray(0, 8)], [2, 0, 0x18, 0xeb, 127, 0, 0, 1]);
  writeSocketAddress(bytes, { host: "fe80::1%7", port: 80 });
  assert.deepEqual([...bytes.subarray(0, 10)], [10, 0, 0, 80, 0, 0, 0, 0, 0xfe, 0x80]);
  assert.deepEqual([...bytes.subarray(22, 28)], [0, 1, 7, 0, 0, 0]);
  writeSocketAddress(bytes, { host: "::ffff:10.0.0.1", port: 1 });
  assert.equal(readSocketAddress(bytes)?.host, "::ffff:10.0.0.1");
  for (const text of ["::", "::1", "1::", "1:0:0:2::3", "2001:db8::1:0:0:1"]) {
    writeSocketAddress(bytes, { host: text, port: 1 });
    assert.equal(readSocketAddress(bytes)?.host, text);
  }
});

test("a path is followed by a zero, and may be too long", () => {
  const bytes = new Uint8Array(addressBytesMax).fill(0xff);
  assert.equal(writeUnixAddress(bytes, "/tmp/s"), 9);
  assert.deepEqual([...bytes.subarray(0, 9)], [1, 0, 47, 116, 109, 112, 47, 115, 0]);
  assert.equal(writeUnixAddress(bytes, "x".repeat(107)), 110);
  assert.equal(writeUnixAddress(bytes, "x".repeat(108)), undefined);
});

test("what is no address of TCP is none", () => {
  assert.equal(readSocketAddress(new Uint8Array(addressBytesMax)), undefined);
});
