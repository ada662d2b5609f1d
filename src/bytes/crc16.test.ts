import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { crc16 } from "./crc16.ts";

function crcOf(text: string): number {
  return crc16(asciiBytes(`x${text}x`), 1, text.length);
}

describe("crc16", () => {
  it("gives the check value of XMODEM and the slots that Redis Cluster gives", () => {
    assert.equal(crcOf(""), 0);
    assert.equal(crcOf("123456789"), 0x31c3);
    assert.equal(crcOf("foo") % 16384, 12182);
    assert.equal(crcOf("bar") % 16384, 5061);
    assert.equal(crcOf("user1000") % 16384, 3443);
  });

  it("agrees with dividing bit by bit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        let crc = 0;
        for (const byte of bytes) {
          for (let bit = 7; bit >= 0; bit--) {
            const carry = ((crc >>> 15) ^ (byte >>> bit)) & 1;
            crc = ((crc << 1) & 0xffff) ^ (carry * 0x1021);
          }
        }
        assert.equal(crc16(bytes, 0, bytes.length), crc);
      }),
    );
  });
});
