// Fuzzes a server process: `npm run fuzz -- --seconds 600 --seed 1`. Wild requests and damaged
// streams over many short connections; the process must live, answer PING in time, and log no error
// of its own. What goes wrong is shown with the seed and the requests of the last connection, which
// `--replay FILE` sends again, one a line; a run that finds nothing says what it did.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Client, encodeRequest } from "../test/support/client.ts";
import type { Argument } from "../test/support/engine-harness.ts";
import { Fuzzer } from "../test/support/fuzzer.ts";
import { ServerProcess } from "../test/support/server.ts";

const roundRequests = 50;
const roundsPerFlush = 200;
const answerTimeoutMs = 10_000;
/** The requests of the connection after which something was wrong. */
const reproductionFile = "fuzz-reproduction.log";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    replay: { type: "string" },
  },
});

/** What one connection sends: requests, or bytes that are no longer any. */
type Sent = { readonly requests: readonly Argument[][] } | { readonly bytes: Buffer };

class Run {
  readonly #server: ServerProcess;
  readonly #asker: Client;
  #connections = 0;

  constructor(server: ServerProcess, asker: Client) {
    this.#server = server;
    this.#asker = asker;
  }

  async fuzz(seed: number, seconds: number): Promise<void> {
    const names = (await this.#asker.run("COMMAND", "LIST")) as string[];
    const fuzzer = new Fuzzer(seed, names);
    const endMs = Date.now() + seconds * 1000;
    while (Date.now() < endMs) {
      await this.round(makeRound(fuzzer));
      if (this.#connections % roundsPerFlush === 0) await this.#asker.run("FLUSHALL");
    }
    console.log(`${this.#connections} connections of ${roundRequests} requests: all is well`);
  }

  /** One connection; the server closes it when it has done all that it was asked for. */
  async round(sent: Sent): Promise<void> {
    this.#connections++;
    const client = await Client.connect({ port: this.#server.port });
    client.isDiscarding = true;
    client.send(
      "bytes" in sent
        ? sent.bytes
        : Buffer.concat(sent.requests.map((each) => encodeRequest(each))),
    );
    client.end();
    const late = setTimeout(() => client.destroy(), answerTimeoutMs);
    await client.closed;
    clearTimeout(late);
    const fault = await this.#fault();
    if (fault === "") return;
    writeFileSync(reproductionFile, shown(sent));
    console.log(`${fault}, after ${this.#connections} connections`);
    console.log(`the last one sent what ${reproductionFile} holds`);
    process.exit(1);
  }

  /** What is wrong with the server, if anything is. */
  async #fault(): Promise<string> {
    let late: NodeJS.Timeout | undefined;
    const timeout = new Promise<string>((resolve) => {
      late = setTimeout(() => resolve("nothing"), answerTimeoutMs);
    });
    const answer = this.#asker.run("PING").catch((error: unknown) => String(error));
    const reply = await Promise.race([answer, timeout]);
    clearTimeout(late);
    if (reply !== "PONG") return `PING was answered with ${JSON.stringify(reply)}`;
    return (
      this.#server.log.find((line) => /Internal error|Unexpected (?:err|rej)/.test(line)) ?? ""
    );
  }
}

function makeRound(fuzzer: Fuzzer): Sent {
  const kind = fuzzer.random.below(6);
  const count = { length: roundRequests };
  if (kind === 0) return { bytes: Buffer.concat(Array.from(count, () => fuzzer.damaged())) };
  if (kind === 1) return { requests: Array.from(count, () => fuzzer.wildWords()) };
  return { requests: Array.from(count, () => fuzzer.shapedWords()) };
}

/** One JSON array of words a line; or one string of damaged bytes. */
function shown(sent: Sent): string {
  if ("bytes" in sent) return `${JSON.stringify(sent.bytes.toString("latin1"))}\n`;
  return sent.requests
    .map((words) =>
      words.map((each) =>
        each instanceof Uint8Array ? Buffer.from(each).toString("latin1") : String(each),
      ),
    )
    .map((words) => `${JSON.stringify(words)}\n`)
    .join("");
}

async function main(): Promise<void> {
  await using server = await ServerProcess.start([
    "--maxmemory",
    "512mb",
    "--proto-max-bulk-len",
    "1mb",
  ]);
  const asker = await server.connect();
  const run = new Run(server, asker);
  if (values.replay === undefined) {
    console.log(`fuzzing for ${values.seconds} s, seed ${values.seed}`);
    await run.fuzz(Number(values.seed), Number(values.seconds));
  } else {
    for (const line of readFileSync(values.replay, "utf8").trimEnd().split("\n")) {
      const sent = JSON.parse(line) as string | string[];
      console.log(line.slice(0, 200));
      const bytes = typeof sent === "string" ? Buffer.from(sent, "latin1") : encodeRequest(sent);
      await run.round({ bytes });
    }
  }
  asker.destroy();
}

await main();
