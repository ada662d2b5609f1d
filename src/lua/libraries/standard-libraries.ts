// Lua's own libraries, as far as a script on a server may have them, put into an interpreter at
// once. What is missing (`io`, `require`, most of `os`, `debug`, `print`) would reach the machine.

import type { Interpreter } from "../interpreter.ts";
import type { Lrand48 } from "../lrand48.ts";
import { installBase } from "./base-library.ts";
import { installCoroutine } from "./coroutine-library.ts";
import { installEnvironment } from "./environment-library.ts";
import { installMath } from "./math-library.ts";
import { installOs } from "./os-library.ts";
import { installString } from "./string-library.ts";
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
}
