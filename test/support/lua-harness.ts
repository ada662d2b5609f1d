// The same pieces of Lua run by real Redis, inside EVAL, and by us. Both describe what came out in
// Lua itself, so that any difference of values, types or error texts shows as different text.
import { failure } from "../../src/lua/call-sites.ts";
import { Interpreter } from "../../src/lua/interpreter.ts";
import { installLibraries } from "../../src/lua/libraries/standard-libraries.ts";
import { Lrand48 } from "../../src/lua/lrand48.ts";
import { LuaTable } from "../../src/lua/table.ts";
import { LuaError } from "../../src/lua/lua-error.ts";
import type { InterpreterLimits } from "../../src/lua/interpreter.ts";
import type { RealRedis } from "./real-redis.ts";
import { parseReplies } from "./reply.ts";

/** Returns the description of what the chunk in ARGV[1] does. */
const describer = String.raw`
local depth = 0
local function describe(value)
  local kind = type(value)
  if kind == 'string' then
    return string.format('%q', value)
  elseif kind == 'number' then
    return string.format('%.17g', value)
  elseif kind == 'table' then
    depth = depth + 1
    local parts = {}
    if depth < 20 then
      for k, v in pairs(value) do
        parts[#parts + 1] = '[' .. describe(k) .. ']=' .. describe(v)
      end
    end
    depth = depth - 1
    table.sort(parts)
    return '{' .. table.concat(parts, ',') .. '}'
  elseif kind == 'function' or kind == 'userdata' or kind == 'thread' then
    return kind
  end
  return tostring(value)
end
local function list(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = describe((select(i, ...))) end
  return table.concat(parts, ' ')
end
local chunk, message = loadstring(ARGV[1], '@user_script')
if not chunk then return 'not Lua: ' .. message end
`;

const script = `${describer}
return list(pcall(chunk))`;

export function makeInterpreter(limits: InterpreterLimits = {}): Interpreter {
  const interpreter = new Interpreter(limits);
  installLibraries(interpreter, { random: new Lrand48(), processorSeconds: () => 0 });
  return interpreter;
}

/** What real Redis makes of each chunk. */
export async function describeReal(
  redis: RealRedis,
  snippets: readonly string[],
): Promise<string[]> {
  const replies = await redis.run(snippets.map((snippet) => ["EVAL", script, 0, snippet]));
  return replies.map((reply) => {
    const [parsed] = parseReplies(reply);
    return typeof parsed === "string" ? comparable(parsed) : JSON.stringify(parsed);
  });
}

/** Without what need not be the same: addresses, and the sign of NaN, which the host drops. */
function comparable(text: string): string {
  return text.replace(/0x[0-9a-f]{8,}/g, "0x<address>").replaceAll("-nan", "nan");
}

/** What we make of a chunk, with globals protected as Redis protects them. */
export function describeOwn(snippet: string): string {
  const interpreter = makeInterpreter();
  protectGlobals(interpreter);
  const main = interpreter.compile(`local ARGV = {...}\n${script}`, "@harness");
  try {
    return comparable(String(interpreter.call(main, [snippet])[0]));
  } catch (error) {
    return error instanceof LuaError ? `escaped: ${String(error.value)}` : `host: ${String(error)}`;
  }
}

function protectGlobals({ globals }: Interpreter): void {
  const metatable = new LuaTable();
  metatable.setString("__index", (_table: unknown, name: unknown) => {
    throw failure(`Script attempted to access nonexistent global variable '${String(name)}'`);
  });
  // Redis 7.0 does not have them.
  globals.setString("setfenv", undefined);
  globals.setString("getfenv", undefined);
  globals.setMetatable(metatable);
  globals.isReadonly = true;
}
