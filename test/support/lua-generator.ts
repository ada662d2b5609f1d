// Random pieces of Lua: programs that compute with all kinds of values (and often fail, which is
// compared too), patterns, formats, and data for the libraries. The same random numbers give the
// same text.
import type { Random } from "../../src/bytes/random.ts";

type Make = (random: Random) => string;

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)];
}

function times(random: Random, max: number, make: () => string, separator: string): string {
  return Array.from({ length: random.below(max + 1) }, make).join(separator);
}

/** A Lua literal for any bytes. */
function quoted(text: string): string {
  const escaped = text.replace(/[^a-zA-Z0-9 ]/g, (char) => {
    return `\\${String(char.charCodeAt(0)).padStart(3, "0")}`;
  });
  return `'${escaped}'`;
}

const numbers = "0 1 2 3 -1 0.5 -2.5 7 10 100 255 1e3 2^31 2^53 1/0 -1/0 1e15 123456.789 0x1F";
const texts = ["''", "'a'", "'10'", "'abc'", "'0x10'", "' 5 '", "'1e2'", "'x\\0y'", "'\\200'"];
const simple: readonly string[] = [
  ...numbers.split(" ").map((text) => `(${text})`),
  ...texts,
  "nil",
  "true",
  "false",
];
const variables = ["a", "b", "c", "t", "u", "f", "g", "s"];
const operators = "+ - * / % ^ .. == ~= < > <= >= and or".split(" ");
const unaries = ["-", "not ", "#"];

function expression(random: Random, depth: number): string {
  if (depth === 0) return random.below(2) === 0 ? pick(random, simple) : pick(random, variables);
  const next = (): string => expression(random, depth - 1);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return `(${next()} ${pick(random, operators)} ${next()})`;
    case 4:
      return `(${pick(random, unaries)}${next()})`;
    case 5:
      return `{${times(random, 4, next, ", ")}}`;
    case 6:
      return `t[${next()}]`;
    case 7:
      return `u.${pick(random, ["x", "y", "z"])}`;
    case 8:
      return `f(${times(random, 3, next, ", ")})`;
    case 9:
      return `(${pick(random, libraryCalls)(next)})`;
    case 10:
      return `(function(...) local a, b = ... return ${next()}, ... end)(${next()})`;
    default:
      return pick(random, simple);
  }
}

const libraryCalls: readonly ((next: () => string) => string)[] = [
  (next) => `tostring(${next()})`,
  (next) => `tonumber(${next()})`,
  (next) => `type(${next()})`,
  (next) => `select('#', ${next()}, ${next()})`,
  (next) => `select(${next()}, 1, 2, 3)`,
  (next) => `string.sub(${next()}, ${next()}, ${next()})`,
  (next) => `string.rep(${next()}, ${next()} == 1 and 2 or 3)`,
  (next) => `string.format('%s|%s', tostring(${next()}), tostring(${next()}))`,
  (next) => `math.floor(${next()})`,
  (next) => `math.max(${next()}, ${next()})`,
  (next) => `rawget(t, ${next()})`,
  (next) => `rawequal(${next()}, ${next()})`,
  (next) => `unpack({${next()}, ${next()}})`,
  (next) => `pcall(f, ${next()})`,
  (next) => `pcall(${next()})`,
  (next) => `table.concat({${next()}, ${next()}}, ',')`,
  (next) => `next({${next()}})`,
  (next) => `(${next()}):upper()`,
  (next) => `getmetatable(${next()})`,
];

/** Functions that call each other would run for ever. */
const countCall = "calls = calls + 1 if calls > 100 then error('calls') end";

function block(random: Random, depth: number): string {
  return times(random, 3, () => statement(random, depth), "\n");
}

function statement(random: Random, depth: number): string {
  const value = (): string => expression(random, 2);
  const name = pick(random, variables);
  const inner = depth === 0 ? "" : block(random, depth - 1);
  switch (random.below(depth === 0 ? 7 : 14)) {
    case 0:
      return `local ${name} = ${value()}`;
    case 1:
      return `${name} = ${value()}`;
    case 2:
      return `${name}, ${pick(random, variables)} = ${value()}, ${value()}`;
    case 3:
      return `t[${value()}] = ${value()}`;
    case 4:
      return `u.${pick(random, ["x", "y"])} = ${value()}`;
    case 5:
      // Parentheses leave one value: a second would be a position, however far away.
      return `table.insert(t, (${value()}))`;
    case 6:
      return `local ${name}, ${pick(random, variables)} = ${value()}`;
    case 7:
      return `if ${value()} then ${inner} else ${block(random, depth - 1)} end`;
    case 8:
      return `for i = ${1 + random.below(3)}, ${random.below(6)} do ${inner} a = i end`;
    case 9:
      return `for k, v in pairs({${value()}, ${value()}, x = 1}) do
        ${inner} s = s .. tostring(k) end`;
    case 10:
      return `do local n = 0 while n < 3 do n = n + 1 ${inner} end end`;
    case 11:
      return `do local n = 0 repeat local m = n ${inner} n = n + 1 until m >= 2 end`;
    case 12:
      return `local function f(a, ...) ${countCall} ${inner} return a, ... end`;
    default:
      return `g = function() ${countCall} ${inner} return a end b = g()`;
  }
}

const prologue = `local calls = 0
local a, b, c, s = 1, 'two', 3.5, ''
local t, u = {10, 20, 30}, {x = 1, y = 'why'}
local function f(x, y) return y, x end
local g
setmetatable(u, {__add = function(p, q) return 'added' end, __concat = function() return 'cat' end,
  __lt = function() return true end, __call = function(self, x) return x, 'called' end,
  __unm = function() return 'minus' end, __eq = function() return true end})
`;

export const program: Make = (random) => {
  const body = Array.from({ length: 1 + random.below(8) }, () => statement(random, 2)).join("\n");
  return `${prologue}${body}\nreturn a, b, c, s, t, u.x, u.y, type(f), type(g)`;
};

const patternParts =
  "a b . %a %d %w %s %l %u %p %x %c %z %% [abc] [^a] [a-c] [%w_] [%a-] []] [^]] %b() %f[%w] ( ) " +
  "() %1 %2 * + - ? ^ $ %g %. %- x";

export const patternCall: Make = (random) => {
  const parts = patternParts.split(" ");
  const pattern = Array.from({ length: 1 + random.below(7) }, () => pick(random, parts)).join("");
  const alphabet = ["a", "b", "c", "1", " ", "(", ")", "_", "-", ".", "%", "\0", "\xe9", "A"];
  const subject = times(random, 14, () => pick(random, alphabet), "");
  const [p, s] = [quoted(pattern), quoted(subject)];
  switch (random.below(5)) {
    case 0:
      return `return string.find(${s}, ${p}, ${random.below(20) - 8})`;
    case 1:
      return `return string.match(${s}, ${p})`;
    case 2:
      return `return string.gsub(${s}, ${p}, '<%0%1>')`;
    case 3:
      return `local r = {}
        for a, b in string.gmatch(${s}, ${p}) do r[#r + 1] = {a, b} end return r`;
    default: {
      const replacement = "function(...) r[#r + 1] = {...} return #r % 2 == 0 and 'x' end";
      return `local r = {} return string.gsub(${s}, ${p}, ${replacement}, ${random.below(4)}), r`;
    }
  }
};

export const formatCall: Make = (random) => {
  const flags = times(random, 2, () => pick(random, ["-", "+", " ", "#", "0"]), "");
  const width = pick(random, ["", "", "3", "8", "20", "05"]);
  const precision = pick(random, ["", "", ".0", ".1", ".3", ".10", ".", ".20"]);
  const conversion = pick(random, "c d i o u x X e E f g G q s".split(" "));
  const values: readonly string[] = [
    ...numbers.split(" ").filter((text) => !text.includes("/0")),
    ..."0.1 1e-5 123456789012 2.5 0.5 1.5 1e21 1e100 -1e-10 65 3.14159 99999.5 1e22/3 -0.001".split(
      " ",
    ),
  ];
  const value =
    conversion === "q" || conversion === "s" ? pick(random, texts) : pick(random, values);
  return `return string.format('[%${flags}${width}${precision}${conversion}]', ${value})`;
};

/** A table that survives a round trip through text: no holes, no strange keys. */
function data(random: Random, depth: number): string {
  const next = (): string => data(random, depth - 1);
  switch (random.below(depth === 0 ? 4 : 7)) {
    case 0:
      return pick(random, ["0", "1", "-1", "255", "65536", "2^32", "2^53", "-2^31", "1.5", "0.1"]);
    case 1:
      return quoted(times(random, 40, () => String.fromCharCode(random.below(256)), ""));
    case 2:
      return pick(random, ["true", "false"]);
    case 3:
      return String((random.next32() - 2 ** 31) / 2 ** random.below(40));
    case 4:
      return `{${times(random, 20, next, ", ")}}`;
    case 5:
      // One member: the order of several is that of the hash in Redis.
      return `{[${quoted(`k${random.below(100)}`)}] = ${next()}}`;
    default:
      return `{[${random.below(8)}] = ${next()}}`;
  }
}

export const libraryCall: Make = (random) => {
  switch (random.below(4)) {
    case 0:
      return `local s = cjson.encode(${data(random, 3)}) return s, pcall(cjson.decode, s)`;
    case 1:
      return `local s = cmsgpack.pack(${data(random, 3)}, ${data(random, 1)})
        return s, cmsgpack.unpack(s)`;
    case 2: {
      const bytes = times(random, 30, () => String.fromCharCode(random.below(256)), "");
      return `return pcall(cmsgpack.unpack, ${quoted(bytes)})`;
    }
    default:
      return structCall(random);
  }
};

function structCall(random: Random): string {
  const items = ["b", "B", "h", "H", "i", "I", "l", "L", "i3", "I6", "f", "d", "s", "c4", "x"];
  let format = pick(random, ["", "<", ">", "!4", ">!8", "!2<"]);
  const values: string[] = [];
  for (let count = 1 + random.below(6); count > 0; count--) {
    const item = pick(random, items);
    format += item;
    if (item === "s" || item === "c4") values.push(quoted(pick(random, ["abcd", "hello", "1234"])));
    else if (item !== "x") values.push(String(random.below(2 ** 33) - 2 ** 32));
  }
  const packed = `struct.pack('${format}'${values.map((value) => `, ${value}`).join("")})`;
  return `local s = ${packed} return s, struct.size('b'), struct.unpack('${format}', s)`;
}

export const jsonText: Make = (random) => {
  const tokens =
    '{ } [ ] : , "a" "b\\\\n" "\\\\u00e9" "\\\\ud83d\\\\ude00" 1 -2.5 1e3 01 0x1f'.split(" ");
  tokens.push(...'+1 true false null nul x " \\\\'.split(" "));
  const text = Array.from({ length: 1 + random.below(8) }, () => pick(random, tokens)).join(
    pick(random, ["", " "]),
  );
  const wrapped = random.below(2) === 0 ? `[${text}]` : text;
  return `return cjson.decode('${wrapped}')`;
};

const jsonNumbers =
  "0 -0 1 7 -12 123456789 2147483647 -2147483648 2147483648 4294967296 99999999999999 " +
  "100000000000000 123456789012345 9007199254740993 12345678901234567890 0.5 1.50 -2.25 0.1 " +
  "0.0001 0.00012345 0.00009 1.005 99999.99995 3.14159265358979 0.1234567890123456 1e5 1E-5 " +
  "2.5e+3 1e22 1e23 5e-324 1e400 0.30000000000000004 123456.78905 1.00000000000005";
const jsonEscapes = ['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9"];
jsonEscapes.push("\\u20ac", "\\ud83d\\ude00", "\\u0001", "\\u007f");
const jsonSpaces = ["", "", "", " ", "\n", "\t ", "\r\n  "];

function jsonString(random: Random, textMax: number, escapes: readonly string[]): string {
  const plain = "abc xyz 0123 /'#\x7f\xc3\xa9\x80{}[]:,";
  const char = (): string =>
    random.below(8) === 0 ? pick(random, escapes) : plain[random.below(plain.length)];
  return `"${times(random, textMax, char, "")}"`;
}

/** A text of JSON, of objects and arrays that look alike. */
function jsonDocument(random: Random, depth: number, escapes: readonly string[]): string {
  const next = (): string => jsonDocument(random, depth - 1, escapes);
  const spaced = (text: string): string => pick(random, jsonSpaces) + text;
  const member = (key: string): string => spaced(key) + spaced(":") + spaced(next());
  switch (random.below(depth === 0 ? 5 : 9)) {
    case 0:
    case 1:
      return pick(random, jsonNumbers.split(" "));
    case 2:
      return jsonString(random, pick(random, [3, 12, 40, 700]), escapes);
    case 3:
      return pick(random, ["true", "false", "null"]);
    case 4:
      return String((random.next32() - 2 ** 31) / 2 ** random.below(40));
    case 5:
      return `[${times(random, 12, () => spaced(next()), ",")}${pick(random, jsonSpaces)}]`;
    case 6: {
      const names = ["id", "name", "tags", "a name that is longer than thirty-two characters"];
      const kept = names.filter(() => random.below(3) > 0);
      return `{${kept.map((name) => member(`"${name}"`)).join(",")}${pick(random, jsonSpaces)}}`;
    }
    case 7:
      return `{${times(random, 30, () => member(`"field:${random.below(60)}"`), ",")}}`;
    default:
      return `{${times(random, 4, () => member(jsonString(random, 9, escapes)), ",")}}`;
  }
}

/** The same with a character less, or another in its place. */
function damaged(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const put = pick(random, ["", "", '"', "\\", ",", "]", "}", "x", "0", "-", "\0", ":", " "]);
  return text.slice(0, at) + put + text.slice(at + random.below(2));
}

export const jsonDecoding: Make = (random) => {
  const escapes = random.below(2) === 0 ? ["e"] : jsonEscapes;
  const text = jsonDocument(random, random.below(5), escapes);
  const given = random.below(3) === 0 ? damaged(random, text) : text;
  const depth = random.below(4) === 0 ? 1 + random.below(4) : 1000;
  return `local json = cjson.new() json.decode_max_depth(${depth})
    json.decode_invalid_numbers(${random.below(2) === 0}) return json.decode(${quoted(given)})`;
};

/** Decoded tables are changed as any others, and encoded again: one member, since order differs. */
export const jsonEncoding: Make = (random) => {
  const value = (): string => `cjson.decode(${quoted(jsonDocument(random, 0, jsonEscapes))})`;
  const item = (): string => (random.below(3) === 0 ? `{[${quoted("k/")}] = ${value()}}` : value());
  const options = [
    `json.encode_max_depth(${1 + random.below(4)})`,
    `json.encode_sparse_array(${random.below(2) === 0}, ${random.below(3)}, ${random.below(12)})`,
    `json.encode_number_precision(${1 + random.below(14)})`,
    `json.encode_invalid_numbers('${pick(random, ["on", "off", "null"])}')`,
  ].filter(() => random.below(4) === 0);
  const number = pick(random, ["0/0", "1/0", "-1/0", "2^53", "1/3", "-1e-7"]);
  return `local json = cjson.new() ${options.join(" ")}
    local t = {${times(random, 8, item, ", ")}} local u = {t, ${number}, {{t}}}
    t[${1 + random.below(16)}] = ${item()} t[${1 + random.below(4)}] = nil
    return json.encode(t), pcall(json.encode, u)`;
};

export const jsonChange: Make = (random) => {
  const extra = (): string => `,"x${random.below(12)}":1`;
  const record = (): string => `{"id":${random.below(9)},"name":"n"${times(random, 2, extra, "")}}`;
  return `local list = cjson.decode('[${Array.from({ length: 4 }, record).join(",")}]')
    list[1].more = 1 list[2].id = nil list[3].name = 'new' list[3].x1 = 'one' list[4].x11 = 0
    for i = 1, 20 do list[1 + i % 3]['n' .. i] = i end
    return list`;
};
