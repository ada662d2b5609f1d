// The program of clients that do nothing: each connects, says who it is as client libraries do,
// asks once whether the server is there, and is silent from then on. A process of its own, so that
// what thousands of sockets cost here falls on no measurement.
import { connect } from "node:net";
import type { IdleClientsAnswer, IdleClientsOrder } from "./idle-clients-message.ts";
import { ReplySkimmer } from "./reply-skimmer.ts";

/** As many connect at a time: fewer than any server's backlog. */
const atOnce = 100;

/** Servers that do not know SETINFO answer with an error, which clients do not mind either. */
const greeting = [
  ["CLIENT", "SETINFO", "LIB-NAME", "some-library"],
  ["CLIENT", "SETINFO", "LIB-VER", "1.2.3"],
  ["PING"],
];
const greetingBytes = greeting
  .map((words) => `*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join("")}`)
  .join("");

/** Resolves when everything has been answered; the connection stays. */
function greet(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const skimmer = new ReplySkimmer();
    let missing = greeting.length;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("connect", () => socket.write(greetingBytes));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server has hung up on an idle client")));
    socket.on("data", (bytes: Buffer) => {
      missing -= skimmer.skim(bytes, bytes.length);
      if (missing <= 0) resolve();
    });
  });
}

async function open({ port, count }: IdleClientsOrder): Promise<void> {
  for (let left = count; left > 0; left -= atOnce) {
    await Promise.all(Array.from({ length: Math.min(left, atOnce) }, () => greet(port)));
  }
}

function tell(answer: IdleClientsAnswer): void {
  process.send?.(answer);
}

process.on("message", (order: IdleClientsOrder) => {
  open(order).then(
    () => tell({ kind: "opened" }),
    (error: unknown) =>
      tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => undefined);
