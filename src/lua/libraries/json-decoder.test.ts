// What the fast decoder makes of JSON is what the careful one makes of it, and it gives up where
// that one has something to say.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LuaTable } from "../table.ts";
import { decodeCarefully, decodeJson } from "./json-decoder.ts";
import { encodeJson, jsonNull } from "./json-encoder.ts";
import type { EncodeSettings } from "./json-encoder.ts";
import { decodePlainJson } from "./plain-json-decoder.ts";

const decoding = { depthMax: 1000, invalidNumbers: true };
const encoding: EncodeSettings = {
  sparseConvert: false,
  sparseRatio: 2,
  sparseSafe: 10,
  depthMax: 1000,
  invalidNumbers: "off",
  precision: 14,
};

/** A value of the host that shows all of a Lua value, with fields in their order. */
function shown(value: unknown): unknown {
  if (value === jsonNull) return "null";
  if (!(value instanceof LuaTable)) return [typeof value, value];
  const entries: unknown[] = [];
  for (let at = value.advance(0); at !== -1; at = value.advance(at)) {
    entries.push([value.keyAt(at), shown(value.valueAt(at))]);
  }
  return { entries, length: value.length };
}

/** The text as a Lua string holds it: a character a byte. */
function latin1Of(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

describe("decodePlainJson", () => {
  it("reads any JSON as the careful decoder does", () => {
    const json = fc.tuple(fc.jsonValue(), fc.nat({ max: 3 })).map(([value, indent]) => {
      return latin1Of(JSON.stringify(value, undefined, indent));
    });
    fc.assert(
      fc.property(json, (text) => {
        const plain = decodePlainJson(text, 1000);
        assert.notEqual(plain, undefined);
        assert.deepEqual(shown(plain), shown(decodeCarefully(text, decoding)));
      }),
    );
  });

  it("reads escapes as the host does", () => {
    const units = fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(units, (texts) => {
        const escape = (char: string): string => `\\u${char.padStart(4, "0")}`;
        const escaped = texts.map((text) =>
          Array.from({ length: text.length }, (_, at) =>
            escape(text.charCodeAt(at).toString(16)),
          ).join(""),
        );
        const source = `[${escaped.map((text) => `"${text}"`).join(",")}]`;
        const decoded = decodeJson(source, decoding);
        assert(decoded instanceof LuaTable);
        for (const [at, text] of texts.entries()) {
          assert.equal(decoded.getNumber(at + 1), latin1Of(text));
        }
      }),
    );
  });

  it("gives up where something is wrong, whatever is left of earlier texts", () => {
    const texts = ["[1,2", '{"a":"b', '{"a"', '["a', "[1,", '"', "tru", "-", "1.", "1e", "[01]"];
    texts.push('{"a":1,"a":2}', "[1]]", "[1] 2", "[1 2]", "nulL", '["\\x"]', '["\\u00"]', '["\\');
    for (const text of texts) {
      decodePlainJson('[[[["a","b"],{"c":"d"}]]]      ]]]]]]}}}}}}', 1000);
      assert.equal(decodePlainJson(text, 1000), undefined, text);
    }
  });

  it("counts how deep tables are nested", () => {
    assert.notEqual(decodePlainJson("[[{}]]", 3), undefined);
    assert.throws(() => decodePlainJson("[[{}]]", 2));
    assert.equal(decodePlainJson('["\\t",[{}]]', 2), undefined);
  });

  it("keeps tables apart that have the same names", () => {
    const names = Array.from({ length: 20 }, (_, at) => `"field ${at}":${at}`).join(",");
    const list = decodeJson(`[{${names}},{${names}},{"a":1},{"a":2}]`, decoding);
    assert(list instanceof LuaTable);
    const [large, other, small, last] = [1, 2, 3, 4].map((at) => list.getNumber(at) as LuaTable);
    large.setString("more", 1);
    large.setString("field 3", undefined);
    small.setString("b", 3);
    assert.equal(other.getString("more"), undefined);
    assert.equal(other.getString("field 3"), 3);
    assert.equal(last.getString("b"), undefined);
    assert.equal(encodeJson(small, encoding), '{"a":1,"b":3}');
    assert.equal(encodeJson(last, encoding), '{"a":2}');
  });

  it("gives a text that is decoded to the same again", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = encodeJson(decodeJson(latin1Of(JSON.stringify(value)), decoding), encoding);
        assert.equal(encodeJson(decodeJson(once, decoding), encoding), once);
      }),
    );
  });
});

describe("encodeJson", () => {
  it("escapes strings of any length and kind", () => {
    const text = fc.array(fc.nat({ max: 255 }), { maxLength: 1200, size: "max" });
    fc.assert(
      fc.property(text, fc.boolean(), (codes, rare) => {
        const chars = codes.map((code) => String.fromCharCode(rare ? code | 0x60 : code)).join("");
        const expected = chars.replace(/["\\/\x00-\x1f\x7f]/g, (char) => {
          if (char === "/") return "\\/";
          if (char === "\x7f") return "\\u007f";
          return JSON.stringify(char).slice(1, -1);
        });
        assert.equal(encodeJson(chars, encoding), `"${expected}"`);
      }),
    );
  });
});
