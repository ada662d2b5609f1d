// The reports of a result that is fixed: that each figure stands where it belongs, and that the
// page is whole.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advantageOf, groupByPace, referenceOf } from "../../src/benchmark/comparison.ts";
import { count, geometricMean, microseconds } from "../../src/benchmark/figures.ts";
import { Progress } from "../../src/benchmark/progress.ts";
import { reportAsHtml } from "../../src/benchmark/report-html.ts";
import { reportAsJson } from "../../src/benchmark/report-json.ts";
import { reportForTerminal } from "../../src/benchmark/report-terminal.ts";
import { fixedResult } from "./fixed-result.ts";

const ownOnly = {
  ...fixedResult,
  servers: fixedResult.servers.slice(0, 1),
  cells: fixedResult.cells.filter(({ server }) => server === "respite"),
  memory: [],
  fanOut: [],
  idle: [],
  crossChecks: [],
};

describe("comparisons", () => {
  it("stand by pace and workload, with what is better above 1", () => {
    const groups = groupByPace(fixedResult);
    assert.deepEqual(
      groups.map(({ pace, rows }) => [pace.kind, rows.map(({ title }) => title)]),
      [
        ["closed", ["set", "get"]],
        ["open", ["set"]],
      ],
    );
    const [set, get] = groups[0].rows.map((row) => advantageOf(row, referenceOf(fixedResult)));
    assert.deepEqual(set, { throughput: 2, cpu: 2 });
    assert.deepEqual(get, { throughput: 0.5, cpu: 1.2 / 1.5 });
  });

  it("name the size of values where there are several", () => {
    const [first, ...rest] = fixedResult.cells;
    const cells = [{ ...first, valueBytes: 1024 }, ...rest];
    const [{ rows }] = groupByPace({ ...fixedResult, cells });
    assert.deepEqual(rows[0].title, "set 1024 B");
  });

  it("are not made when ours is alone", () => {
    assert.equal(referenceOf(ownOnly), undefined);
  });
});

describe("figures", () => {
  it("have three digits and a unit", () => {
    const counts = [0, 9.994, 12, 999.4, 999.6, 12_345, 999_499, 999_500, 1e6, 123_456_789];
    const written = "0.00 9.99 12.0 999 1.00k 12.3k 999k 1.00M 1.00M 123M";
    assert.equal(counts.map(count).join(" "), written);
    const times = [0, 85.4, 999.4, 999.6, 1250, 2_100_000];
    const words = "0 µs, 85 µs, 999 µs, 1.00 ms, 1.25 ms, 2.10 s";
    assert.equal(times.map(microseconds).join(", "), words);
  });

  it("that are ratios are averaged so that half and twice cancel out", () => {
    assert.ok(Math.abs(geometricMean([0.5, 2]) - 1) < 1e-12);
  });
});

describe("the tables", () => {
  const text = reportForTerminal(fixedResult);

  it("say who, on what, and how", () => {
    assert.match(text, /^respite 0\.1\.0, redis 7\.0\.15\nA processor, 4 cores/);
    assert.match(text, /servers on core 3, load from core 0, 1\n/);
    assert.doesNotMatch(text, /BUSY/);
    const machine = { ...fixedResult.machine, loadBefore: 3 };
    assert.match(reportForTerminal({ ...fixedResult, machine }), /THE MACHINE WAS BUSY/);
  });

  it("have a line for each server, ours with how many times better it is", () => {
    const latencies = String.raw` +100 µs +200 µs +1\.50 ms +2\.50 s\n`;
    assert.match(
      text,
      new RegExp(String.raw`\nset +respite +1\.00M +2\.00x +1\.00 +2\.00x${latencies}`),
    );
    assert.match(text, new RegExp(String.raw`\n +redis +500k +2\.00${latencies}`));
    assert.match(text, /mean against redis: throughput 1\.00x, CPU 1\.26x\n/);
  });

  it("mark what the generator limited, and tell of errors", () => {
    assert.match(text, /redis +800k\*/);
    assert.match(text, /\n\* the generator was at its limit, the server was not\n/);
    assert.match(text, /redis +20\.0k\*/);
    assert.match(text, /\n\* the generator could not keep the rate\n/);
    assert.match(text, /ERRORS: respite answered get P16 with 3 errors, the first: ERR no\n/);
  });

  it("have no latencies where nothing was answered", () => {
    const [first, ...rest] = fixedResult.cells;
    const none = { ...first.median, commandsPerSecond: 0 };
    const result = { ...fixedResult, cells: [{ ...first, median: none }, ...rest] };
    assert.match(reportForTerminal(result), /\nset +respite +0\.00 .* - +- +- +-\n/);
    assert.match(reportAsHtml(result), /set respite<\/th><td>0\.00<\/td>.*(<td>–<\/td>){5}/);
  });

  it("have memory, fan-out, and redis-benchmark's figures beside ours", () => {
    assert.match(text, /\nstring +redis +1,000 +125 +126\n/);
    assert.match(text, /\nrespite +300k +150k +900 µs +5\.00 ms +900 µs +5\.00 ms\n/);
    assert.match(text, /\nrespite +2048 +1234 +0\.40 % +2\.00 +2\.10 +1\.05x +1\.50 ms\n/);
    const check =
      /\nset +P16 +redis +510k +500k +2\.10 +2\.00 +110 µs +100 µs +1\.40 ms +1\.50 ms\n/;
    assert.match(text, check);
  });
});

describe("the JSON", () => {
  it("is the result", () => {
    assert.deepEqual(JSON.parse(reportAsJson(fixedResult)), fixedResult);
  });
});

describe("the page", () => {
  const page = reportAsHtml(fixedResult);

  it("is well-formed: every element that is opened is closed in its turn", () => {
    for (const text of [page, reportAsHtml(ownOnly)]) {
      const open: string[] = [];
      for (const [, slash, name] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
        if (slash === "/") assert.equal(open.pop(), name);
        else if (name !== "meta") open.push(name);
      }
      assert.deepEqual(open, []);
      assert.doesNotMatch(text, /NaN|Infinity|undefined/);
    }
  });

  it("fetches nothing", () => {
    assert.doesNotMatch(page, /<(?:script|link|img|iframe)|@import|url\(|\bsrc=/);
    const addresses = [...page.matchAll(/https?:\/\/[^"\s]+/g)].map(([address]) => address);
    assert.deepEqual([...new Set(addresses)], ["http://www.w3.org/2000/svg"]);
  });

  it("tells what each drawing shows to those who cannot see it", () => {
    const drawings = [...page.matchAll(/<svg [^>]*>/g)].map(([tag]) => tag);
    assert.ok(drawings.length >= 10, `${drawings.length} drawings`);
    for (const tag of drawings) assert.match(tag, /role="img".* aria-label="[^"]{5,}"/);
    assert.match(page, /aria-label="Throughput[^"]*set 2\.00 times, get 0\.50 times"/);
    assert.match(page, /aria-label="Memory[^"]*string: respite 70\.0 B, redis 126 B"/);
    assert.match(page, /<desc>respite: p50 100 µs, p95 200 µs, p99 1\.50 ms, p99\.9 2\.50 s;/);
  });

  it("draws what is better to the right of the line at 1 and what is worse to its left", () => {
    const [better] = /<rect class="better"[^>]*>/.exec(page)!;
    const [worse] = /<rect class="worse"[^>]*>/.exec(page)!;
    const number = (tag: string, name: string): number =>
      Number(new RegExp(` ${name}="([\\d.]+)"`).exec(tag)![1]);
    assert.ok(number(better, "width") > 100);
    assert.ok(Math.abs(number(worse, "width") - number(better, "width")) < 0.1);
    assert.ok(Math.abs(number(worse, "x") + number(worse, "width") - number(better, "x")) < 0.1);
  });

  it("is readable by day and by night", () => {
    assert.match(page, /prefers-color-scheme: dark/);
    assert.match(page, /color-scheme: light dark/);
  });

  it("has machine, versions and the command line, none of it taken for markup", () => {
    assert.match(page, /A processor, 4 cores/);
    assert.match(page, /7\.0\.15 \(&lt;redis&gt;\)/);
    const escaped = "--servers respite,redis=&lt;redis&gt; &amp; &quot;more&quot;";
    assert.ok(page.includes(`respite benchmark ${escaped}</pre>`));
    assert.match(page, /Limited by the generator, not by a server: get\./);
  });
});

describe("progress", () => {
  function progressOf(isTTY: boolean): string {
    let text = "";
    const write = (piece: string): void => void (text += piece);
    const progress = new Progress(isTTY ? { write, isTTY, columns: 40 } : { write });
    progress.expect(2);
    progress.start("set P1 respite");
    progress.show("5/s");
    progress.finish("10/s");
    progress.start("set P1 redis");
    progress.finish("20/s");
    progress.end();
    return text;
  }

  it("is a line for each measurement in a pipe", () => {
    assert.equal(progressOf(false), "[1/2] set P1 respite 10/s\n[2/2] set P1 redis 20/s\n");
  });

  it("is one line that is written over on a terminal, no wider than it, then gone", () => {
    const lines = progressOf(true).split("\r\u001b[K");
    assert.ok(lines.includes("[0/2] set P1 respite 5/s"), JSON.stringify(lines));
    assert.ok(lines.every((line) => line.length < 40 && !line.includes("\n")));
    assert.equal(lines.at(-1), "");
  });
});
