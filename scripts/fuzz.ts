// Fuzzes a server process: `npm run fuzz -- --seconds 600 --seed 1`. Wild requests and damaged
// streams over many short connections; the process must live, answer PING, and log no error of its
// own. Says what it did, and with which seed to repeat it.
import { parseArgs } from "node:util";
import { Client } from "../test/support/client.ts";
import { Fuzzer } from "../test/support/fuzzer.ts";
import { ServerProcess } from "../test/support/server.ts";

const roundRequests = 50;
const replyTimeoutMs = 20_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});

async function main(): Promise<void> {
  const seed = Number(values.seed);
  console.log(`fuzzing for ${values.seconds} s, seed ${seed}`);
  await using server = await ServerProcess.start(["--maxmemory", "512mb"]);
  const names = await commandNames(server.port);
  const fuzzer = new Fuzzer(seed, names);
  const endMs = Date.now() + Number(values.seconds) * 1000;
  let requests = 0;
  let connections = 0;
  while (Date.now() < endMs) {
    await round(server.port, fuzzer);
    requests += roundRequests;
    connections++;
    if (connections % 200 === 0) await expectAlive(server.port, connections);
  }
  await expectAlive(server.port, connections);
  console.log(`${requests} requests over ${connections} connections: alive, no internal error`);
}

async function commandNames(port: number): Promise<string[]> {
  const client = await Client.connect({ port });
  const names = (await client.run("COMMAND", "LIST")) as string[];
  client.destroy();
  return names;
}

/** One connection: requests until it is enough, or until the server has had enough. */
async function round(port: number, fuzzer: Fuzzer): Promise<void> {
  const client = await Client.connect({ port });
  client.isDiscarding = true;
  const isDamaged = fuzzer.random.below(4) === 0;
  const parts = Array.from({ length: roundRequests }, () =>
    isDamaged ? fuzzer.damaged() : fuzzer.request(),
  );
  client.send(Buffer.concat(parts));
  // Whatever came back is as good as anything: what counts is that the server is there afterwards.
  client.end();
  const timer = setTimeout(() => client.destroy(), 50);
  await client.closed;
  clearTimeout(timer);
}

async function expectAlive(port: number, connections: number): Promise<void> {
  const client = await Client.connect({ port });
  const late = setTimeout(() => {
    throw new Error(`no answer to PING after ${connections} connections`);
  }, replyTimeoutMs);
  const reply = await client.run("PING");
  clearTimeout(late);
  if (reply !== "PONG") throw new Error(`PING was answered with ${JSON.stringify(reply)}`);
  client.send("FLUSHALL\r\n");
  await client.next();
  client.destroy();
}

await main();
