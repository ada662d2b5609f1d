#!/usr/bin/env node
// What `npm start` and `npx respite` run: a server, or with the word `benchmark` in front, what
// compares servers; neither loads the other's program. What V8 must be told of its heap, before it
// reads the program, whose loading alone would make the heap grow:
//
// The young generation is kept at the size with which it starts: what a server makes there is
// garbage at once, and what V8 would let it grow by - 28 MB with 50 clients, 40 and more with 1,000
// - is not given back and buys no time.
//
// The old one is collected when it has grown fourfold. V8 counts the memory of the data with it and
// would collect each time the data have grown by 12 MB, to find nothing: 18 times where this way 4
// do (a list of 220 MB), at 10 to 30 ms of the processor each and up to 10 ms without an answer.
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=300");
const [word, ...rest] = process.argv.slice(2);
if (word === "benchmark") {
  const { runBenchmarkProgram } = await import("./benchmark/program.ts");
  process.exitCode = await runBenchmarkProgram(rest);
} else {
  const { runProgram } = await import("./server/program.ts");
  await runProgram(process.argv.slice(2));
}
