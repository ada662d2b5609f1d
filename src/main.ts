#!/usr/bin/env node
// The program that `npm start` and `npx respite` run. A placeholder until the server is assembled:
// it prints the version.

import { version } from "./server/version.ts";

process.stdout.write(`respite ${version}\n`);
