// The command line of the benchmark: defaults, lists, and what is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BenchmarkOptions } from "./options.ts";
import { helpText, parseOptions } from "./options.ts";
import { allWorkloads } from "./workload-list.ts";

function optionsOf(...words: string[]): BenchmarkOptions {
  const command = parseOptions(words);
  assert.ok(command.action === "run");
  return command.options;
}

describe("the options of the benchmark", () => {
  it("have defaults, others under --quick, and what is given before both", () => {
    const { rounds, paces, memoryElements, servers, subscribers } = optionsOf();
    assert.deepEqual([rounds, memoryElements, subscribers], [3, 1_000_000, 0]);
    assert.equal(servers[0].name, "respite");
    assert.deepEqual(paces, [
      { kind: "closed", pipeline: 1 },
      { kind: "closed", pipeline: 16 },
      { kind: "open", unitsPerSecond: 20_000 },
    ]);
    const quick = optionsOf("--quick", "--memory", "7");
    assert.deepEqual([quick.rounds, quick.measureSeconds, quick.memoryElements], [1, 0.5, 7]);
  });

  it("take lists, and lists of workloads", () => {
    const words = "--tests get,redis,get --value-size 16,1024 --pipeline 0 --rate 5,6";
    const { workloads, valueSizes, paces } = optionsOf(...words.split(" "));
    assert.equal(workloads[0].name, "get");
    assert.equal(workloads.length, 20);
    assert.deepEqual(valueSizes, [16, 1024]);
    assert.deepEqual(
      paces.map((pace) => pace.kind),
      ["open", "open"],
    );
    assert.equal(optionsOf("--tests=all").workloads.length, allWorkloads.length);
    assert.deepEqual(optionsOf("--tests", "none").workloads, []);
  });

  it("take any server by its command", () => {
    const { servers } = optionsOf("--servers", "respite,io=redis-server --io-threads 4");
    assert.deepEqual(servers[1], { name: "io", command: ["redis-server", "--io-threads", "4"] });
  });

  it("measure the fan-out when asked", () => {
    assert.equal(optionsOf("--fan-out").subscribers, 1000);
    assert.equal(optionsOf("--fan-out", "--subscribers", "10").subscribers, 10);
  });

  it("refuse what is not there", () => {
    for (const [words, reason] of [
      ["--rounds 1.5", /--rounds 1.5 is not a number of 1 or more/],
      ["--seconds 0", /--seconds 0 is not/],
      ["--clients x", /--clients x is not/],
      ["--pipeline -1", /pipeline/],
      ["--distribution normal", /no distribution normal/],
      ["--tests sett", /no workload sett/],
      ["--servers memcached", /no server memcached/],
      ["--bogus", /--bogus/],
    ] as const) {
      assert.throws(
        () => parseOptions(words.split(" ")),
        (error) => error instanceof RangeError && reason.test(error.message),
        words,
      );
    }
  });

  it("are all in the help, with their defaults", () => {
    const help = helpText();
    for (const name of ["tests NAMES", "rounds COUNT", "html FILE", "fan-out", "quick"]) {
      assert.match(help, new RegExp(`\n {2}--${name} `));
    }
    assert.match(help, /--pipeline DEPTHS .*\(1,16\)/);
    assert.ok(help.split("\n").every((line) => line.length <= 100));
  });
});

describe("workloads", () => {
  it("have names of their own, all of redis-benchmark's among them", () => {
    const names = allWorkloads.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const theirs =
      "ping_inline ping_mbulk set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin " +
      "lrange_100 lrange_300 lrange_500 lrange_600 mset xadd";
    assert.deepEqual(
      allWorkloads.flatMap(({ redisBenchmark }) => redisBenchmark ?? []),
      theirs.split(" "),
    );
  });
});
