// What a Lua `error` throws through the host: any Lua value. It is no Error, since taking the
// host's stack costs more than most scripts.

export class LuaError {
  readonly value: unknown;
  /** Where it was raised, if that was in Lua and nothing in between was to catch it. */
  readonly chunkName: string | undefined;
  readonly line: number | undefined;

  constructor(value: unknown, chunkName?: string, line?: number) {
    this.value = value;
    this.chunkName = chunkName;
    this.line = line;
  }
}
