// All libraries that scripts in Redis have, put into an interpreter at once: Lua's own, as far as
// they do not reach the machine (`io`, `require`, most of `os`, `debug` and `print` would), and
// those that Redis adds.

import type { Interpreter } from "../interpreter.ts";
import type { Lrand48 } from "../lrand48.ts";
import { installBase } from "./base-library.ts";
import { installBit } from "./bit-library.ts";
import { installCjson } from "./cjson-library.ts";
import { installCmsgpack } from "./cmsgpack-library.ts";
import { installCoroutine } from "./coroutine-library.ts";
import { installEnvironment } from "./environment-library.ts";
import { installMath } from "./math-library.ts";
import { installOs } from "./os-library.ts";
import { installString } from "./string-library.ts";
import { installStruct } from "./struct-library.ts";
import { installTable } from "./table-library.ts";

export interface LibraryHost {
  /** What `math.random` draws from. */
  readonly random: Lrand48;
  /** Processor time used, for `os.clock`. */
  readonly processorSeconds: () => number;
}

export function installLibraries(
  interpreter: Interpreter,
  { random, processorSeconds }: LibraryHost,
): void {
  installBase(interpreter);
  installString(interpreter);
  installTable(interpreter);
  installMath(interpreter, random);
  installCoroutine(interpreter);
  installEnvironment(interpreter);
  installOs(interpreter, processorSeconds);
  installBit(interpreter);
  installCjson(interpreter);
  installCmsgpack(interpreter);
  installStruct(interpreter);
}
