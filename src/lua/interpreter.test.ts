// The interpreter as its host sees it: results, limits, errors, and that a script gets at nothing
// but what it is given. What the language itself does is compared with real Redis in test/compat.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failure } from "./call-sites.ts";
import { notEnoughMemory } from "./caught-error.ts";
import { Interpreter } from "./interpreter.ts";
import type { InterpreterLimits } from "./interpreter.ts";
import { LuaSyntaxError } from "./lexer.ts";
import { installLibraries } from "./libraries/standard-libraries.ts";
import { Lrand48 } from "./lrand48.ts";
import { LuaError } from "./lua-error.ts";
import { LuaTable } from "./table.ts";

function make(limits: InterpreterLimits = {}): Interpreter {
  const interpreter = new Interpreter(limits);
  installLibraries(interpreter, { random: new Lrand48(), processorSeconds: () => 0 });
  return interpreter;
}

function run(source: string, limits: InterpreterLimits = {}): unknown[] {
  const interpreter = make(limits);
  return interpreter.call(interpreter.compile(source, "@test"));
}

function runToError(source: string, limits: InterpreterLimits = {}): unknown {
  try {
    run(source, limits);
  } catch (error) {
    assert.ok(error instanceof LuaError, String(error));
    return error.value;
  }
  assert.fail("no error");
}

describe("an interpreter", () => {
  it("returns all results", () => {
    assert.deepEqual(run("return 1, 'a', nil, true"), [1, "a", undefined, true]);
    assert.deepEqual(run("return"), []);
    assert.deepEqual(run("local x = 1"), []);
  });

  it("passes arguments as varargs", () => {
    const interpreter = make();
    const main = interpreter.compile("local a, b = ... return b, a, select('#', ...)", "@test");
    assert.deepEqual(interpreter.call(main, [1, "x", undefined]), ["x", 1, 3]);
  });

  it("calls functions of the host, which see every argument and return any number", () => {
    const interpreter = make();
    const seen: unknown[][] = [];
    interpreter.globals.setString("host", (...args: unknown[]) => {
      seen.push(args);
      return [1, 2, 3];
    });
    const main = interpreter.compile("return host(), (host(nil, 'x'))", "@test");
    assert.deepEqual(interpreter.call(main), [1, 1]);
    assert.deepEqual(seen, [[], [undefined, "x"]]);
  });

  it("says where an error of the host's function was raised", () => {
    const interpreter = make();
    interpreter.globals.setString("host", () => {
      throw failure("from the host");
    });
    const main = interpreter.compile("\n\nhost()", "@test");
    assert.throws(
      () => interpreter.call(main),
      (error: unknown) => {
        assert.ok(error instanceof LuaError);
        assert.equal(error.value, "test:3: from the host");
        assert.equal(error.chunkName, "@test");
        assert.equal(error.line, 3);
        return true;
      },
    );
  });

  it("refuses what is not Lua", () => {
    assert.throws(
      () => make().compile("x =", "@test"),
      (error: unknown) =>
        error instanceof LuaSyntaxError &&
        error.message === "test:1: unexpected symbol near '<eof>'",
    );
  });

  it("keeps read-only tables as they are", () => {
    const interpreter = make();
    const table = LuaTable.fromFields(["a"], [1]);
    table.isReadonly = true;
    interpreter.globals.setString("t", table);
    for (const source of ["t.a = 2", "t.b = 2", "t[1] = 2"]) {
      const main = interpreter.compile(source, "@test");
      assert.throws(
        () => interpreter.call(main),
        (error: LuaError) => error.value === "test:1: Attempt to modify a readonly table",
      );
    }
    for (const source of ["rawset(t, 'a', 2)", "table.insert(t, 1)", "setmetatable(t, {})"]) {
      const main = interpreter.compile(source, "@test");
      assert.throws(
        () => interpreter.call(main),
        (error: LuaError) => error.value === "Attempt to modify a readonly table",
      );
    }
    assert.equal(table.getString("a"), 1);
  });
});

describe("loops", () => {
  it("turn as often as they should, and are left where they should be", () => {
    const nested = `local n, m = 0, 0
      for i = 1, 600 do
        local j = 0
        while true do
          j = j + 1
          if j > i then break end
          for k = 10, 1, -4 do if k == 6 then break end m = m + 1 end
          repeat n = n + 1 until true
        end
        if i == 513 then break end
      end
      return n, m`;
    assert.deepEqual(run(nested), [(513 * 514) / 2, (513 * 514) / 2]);
    for (const turns of [0, 1, 255, 256, 257, 511, 512, 513]) {
      assert.deepEqual(run(`local n = 0 for i = 1, ${turns} do n = n + 1 end return n`), [turns]);
      assert.deepEqual(run(`local n = 0 while n < ${turns} do n = n + 1 end return n`), [turns]);
    }
    const caught =
      "local f = {} for i = 1, 300 do f[i] = function() return i end end return f[1]() + f[300]()";
    assert.deepEqual(run(caught), [301]);
  });
});

describe("limits", () => {
  it("ends loops and recursion of every kind, whatever catches errors", () => {
    const sources = [
      "while true do end",
      "repeat until false",
      "for i = 1, 1/0 do end",
      "for i = 2, 1, 0 do end",
      "for i = 2 ^ 53, 1 / 0 do end",
      "for i = -1 / 0, 1 do end",
      "while true do for i = 1, 300 do if i == 299 then break end end end",
      "for i = 1, 1 / 0 do while true do break end end",
      "local function f() return f() end f()",
      "local function f(n) if n > 0 then f(n - 1) f(n - 1) end end f(60)",
      "while true do pcall(function() while true do end end) end",
      "while true do pcall(error) end",
      "local co = coroutine.wrap(function() while true do end end) co()",
      "pcall(function() for k in function() return 1 end do end end)",
      "string.find(('a'):rep(5000), ('.-'):rep(20) .. 'b')",
    ];
    for (const source of sources) {
      let calls = 0;
      const kill = new Error("killed");
      const limits: InterpreterLimits = {
        budget: 10_000,
        onBudget: () => {
          if (++calls === 3) throw kill;
          return 10_000;
        },
      };
      assert.throws(
        () => run(source, limits),
        (error) => error === kill,
        source,
      );
    }
  });

  it("turns too deep recursion into an error that can be caught", () => {
    assert.match(String(runToError("local function f() return 1 + f() end f()")), /stack overflow/);
    const caught = "local function f() return 1 + f() end return pcall(f)";
    assert.match(String(run(caught)[1]), /stack overflow/);
    // Many variables make large frames.
    const names = Array.from({ length: 190 }, (_, at) => `a${at}`).join(",");
    const wide = `local function f(n) local ${names} = 1 return f(n + 1) + 1 end
      return pcall(f, 1)`;
    assert.match(String(run(wide)[1]), /stack overflow/);
    const meta = "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end})";
    assert.match(String(run(`${meta} return pcall(function() return t[1] end)`)[1]), /overflow/);
    const nested = "local function f() return pcall(f) end return f()";
    assert.equal(run(nested)[0], true);
  });

  it("leaves room on the host's stack for what a script calls at its end", () => {
    const interpreter = make();
    let deepest = 0;
    const dig = (depth: number): number => (depth === 0 ? 0 : 1 + dig(depth - 1));
    interpreter.globals.setString("host", () => {
      deepest++;
      return dig(500);
    });
    const source = "local function f() host() return 1 + f() end return pcall(f)";
    const [ok, message] = interpreter.call(interpreter.compile(source, "@test"));
    assert.equal(ok, false);
    assert.match(String(message), /stack overflow/);
    assert.ok(deepest > 1000, `only ${deepest} deep`);
  });

  it("makes a million tail calls", () => {
    const source = "local function f(n) if n == 0 then return 'end' end return f(n - 1) end ";
    assert.deepEqual(run(`${source} return f(1000000)`), ["end"]);
  });

  it("asks when much memory is taken, and gives up when told to", () => {
    const sources = [
      "local t = {} for i = 1, 1e9 do t[i] = i end",
      "local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
      "local t = {} while true do t = {t} end",
      "local s = 'x' while true do s = s .. s:rep(2) end",
      "while true do string.rep('x', 1e6) end",
    ];
    for (const source of sources) {
      const limits: InterpreterLimits = {
        allocationSize: 10_000_000,
        onAllocation: () => {
          throw notEnoughMemory();
        },
      };
      assert.equal(runToError(source, limits), "not enough memory", source);
    }
    assert.match(String(runToError("return ('x'):rep(1e9)")), /not enough memory/);
  });
});

describe("a script cannot get at the host", () => {
  const attempts = [
    "return constructor",
    "return __proto__",
    "return this",
    "return globalThis",
    "return process",
    "return require",
    "return arguments",
    "return Function",
    "return s",
    "return G",
    "return E",
    "return T",
    "return va",
    "return t0",
    "return v0",
    "return none",
    "return machine",
    "return ({}).constructor",
    "return ({}).__proto__",
    "return ({}).metatable",
    "return ({}).get",
    "return ('x').constructor",
    "return ('x').length",
    "return (''):len().constructor",
    "return string.constructor",
    "return string.__proto__",
    "return getmetatable('').constructor",
    "return rawget(_G, '__proto__')",
    "return _G['constructor']",
    "return ({})['toString']",
    "return type.constructor",
    "return (function() end).constructor",
    "return pcall.call",
    "return (5).toFixed",
    "return (true).constructor",
    "return (nil).x",
    "return coroutine.create(function() end).status",
    "local t = {} t.__proto__ = {x = 1} return t.x",
    "local t = {} t['__proto__'] = {x = 1} return t.x",
    "local __proto__ = {x = 1} return ({}).x",
    "return ({constructor = nil}).constructor",
  ];

  it("by any name", () => {
    for (const source of attempts) {
      let results: unknown[] = [];
      try {
        results = run(source);
      } catch (error) {
        assert.ok(error instanceof LuaError, `${source}: ${String(error)}`);
        assert.match(String(error.value), /attempt to index/, source);
      }
      assert.equal(results[0], undefined, source);
    }
  });

  it("by text that would be code of the host", () => {
    const texts = [
      '"]; globalThis.escaped = 1; ["',
      "'+(globalThis.escaped = 1)+'",
      "`${globalThis.escaped = 1}`",
      "\\x22);globalThis.escaped=1;(",
      "\u2028globalThis.escaped=1".slice(1),
      "*/globalThis.escaped=1/*",
      "\n//# sourceURL=x\nglobalThis.escaped=1\n",
      "\u00010\u0002globalThis.escaped=1",
      "\x03",
      "${globalThis.escaped=1}",
    ];
    for (const text of texts) {
      const interpreter = make();
      const literal = `[==[\n${text}]==]`;
      const source = `local t = {[ ${literal}] = ${literal}} return t[ ${literal}], ${literal}`;
      const expected = text.replace(/\r\n?/g, "\n");
      assert.deepEqual(interpreter.call(interpreter.compile(source, `@${text}`)), [
        expected,
        expected,
      ]);
    }
    assert.equal("escaped" in globalThis, false);
  });

  it("by a name that is a word of the host's language", () => {
    for (const word of "var let new class await yield eval void static enum".split(" ")) {
      const source = `local ${word} = 1
        local function f(${word}) ${word} = ${word} + 1 return ${word} end
        local t = {${word} = ${word}} function t:${word}() return self end
        return f(${word}), t:${word}() == t`;
      assert.deepEqual(run(source), [2, true], word);
    }
  });
});
