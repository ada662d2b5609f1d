#!/usr/bin/env node
// What `npm start` and `npx respite` run: a server, or with the word `benchmark` in front, what
// compares servers; neither loads the other's program. The young generation of V8's heap is kept at
// the size with which it starts: what a server makes there is garbage at once, and what V8 would
// let it grow by - 28 MB with 50 clients, 40 and more with 1,000 - is not given back and buys no
// time. V8 must be told before it reads the program, whose loading alone would make it grow.
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
const [word, ...rest] = process.argv.slice(2);
if (word === "benchmark") {
  const { runBenchmarkProgram } = await import("./benchmark/program.ts");
  process.exitCode = await runBenchmarkProgram(rest);
} else {
  const { runProgram } = await import("./server/program.ts");
  await runProgram(process.argv.slice(2));
}
