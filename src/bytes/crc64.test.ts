// Tests of `crc64.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { Crc64 } from "./crc64.ts";

function crcOf(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes, 0, bytes.length);
  return valueOf(crc);
}

function valueOf(crc: Crc64): bigint {
  return (BigInt(crc.high >>> 0) << 32n) | BigInt(crc.low >>> 0);
}

/** One bit at a time, as the polynomial is defined. */
function slowCrc(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1n) === 0n ? crc >> 1n : (crc >> 1n) ^ 0x95ac9329ac4bc9b5n;
    }
  }
  return crc;
}

describe("Crc64", () => {
  it("gives the check values that Redis tests for", () => {
    assert.equal(crcOf(new Uint8Array(0)), 0n);
    assert.equal(crcOf(asciiBytes("123456789")), 0xe9c6d914c4b8d9can);
  });

  it("accepts the checksum of a DUMP payload of Redis", () => {
    // DUMP of a string "hello": type, length, bytes, RDB version 10, checksum.
    const payload = Uint8Array.from(Buffer.from("000568656c6c6f0a006372df766534200a", "hex"));
    const crc = new Crc64();
    crc.update(payload, 0, payload.length - 8);
    assert.ok(crc.isStoredAt(payload, payload.length - 8));
    for (let index = 1; index <= 8; index++) {
      payload[payload.length - index] ^= 1;
      assert.ok(!crc.isStoredAt(payload, payload.length - 8));
      payload[payload.length - index] ^= 1;
    }
  });

  it("agrees with dividing bit by bit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.equal(crcOf(bytes), slowCrc(bytes));
      }),
    );
  });

  it("gives the same for a stream cut anywhere", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, (list) => {
        const crc = new Crc64();
        crc.update(asciiBytes("before"), 0, 6);
        crc.reset();
        for (const chunk of list) {
          const embedded = new Uint8Array(chunk.length + 10).fill(0x77);
          embedded.set(chunk, 5);
          crc.update(embedded, 5, chunk.length);
        }
        assert.equal(valueOf(crc), crcOf(Buffer.concat(list)));
      }),
    );
  });

  it("writes what it accepts", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const crc = new Crc64();
        crc.update(bytes, 0, bytes.length);
        const stored = new Uint8Array(11);
        assert.equal(crc.write(stored, 2), 10);
        assert.ok(crc.isStoredAt(stored, 2));
        assert.equal(new DataView(stored.buffer).getBigUint64(2, true), valueOf(crc));
        assert.deepEqual([stored[0], stored[1], stored[10]], [0, 0, 0]);
      }),
    );
  });
});
