// The program of subscribers: connections that listen to one channel, count what they get and how
// long it took. A process of its own, so that it can be stopped (SIGSTOP) to see whether the others
// notice.
//
// A message begins with the time at which it was sent, in microseconds of the machine's clock, so
// sender and subscriber must run on the same machine.
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { Histogram } from "./histogram.ts";
import type { HistogramParts } from "./histogram.ts";
import type { SubscribersOrder } from "./fan-out-message.ts";
import { channel, nowUs, timeDigits } from "./fan-out-message.ts";

const latency = new Histogram();

async function subscribe(port: number, messageBytes: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`SUBSCRIBE ${channel}\r\n`);
  await once(socket, "data");
  const head = `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${messageBytes}\r\n`;
  const deliveryBytes = head.length + messageBytes + 2;
  let rest: Buffer = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const arrivedUs = nowUs();
    let at = 0;
    for (; at + deliveryBytes <= all.length; at += deliveryBytes) {
      const start = at + head.length;
      const sentUs = Number(all.toString("latin1", start, start + timeDigits));
      latency.record(arrivedUs - sentUs, 1);
    }
    rest = all.subarray(at);
  });
  return socket;
}

async function obey(order: SubscribersOrder): Promise<void> {
  if (order.kind === "subscribe") {
    for (let index = 0; index < order.count; index++) {
      await subscribe(order.port, order.messageBytes);
    }
    process.send?.([]);
    return;
  }
  const parts: HistogramParts = latency.parts();
  latency.clear();
  process.send?.(parts);
}

process.on("message", (order: SubscribersOrder) => void obey(order));
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => undefined);
