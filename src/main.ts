#!/usr/bin/env node
// What `npm start` and `npx respite` run. The young generation of V8's heap is kept at the size
// with which it starts: what a server makes there is garbage at once, and what V8 would let it grow
// by - 28 MB with 50 clients, 40 and more with 1,000 - is not given back and buys no time. V8 must
// be told before it reads the program, whose loading alone would make it grow.
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
const { runProgram } = await import("./server/program.ts");
await runProgram(process.argv.slice(2));
