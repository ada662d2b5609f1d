// Commands on places: known places and distances. That searches agree with the real server's is
// compared in test/compat; here they are compared with a plain search through all places.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import { geoCommands } from "../../src/commands/geo/geo-commands.ts";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/sorted-set-commands.ts";
import { distanceBetween } from "../../src/keyspace/geo-hash.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...geoCommands, ...sortedSetCommands, ...genericCommands]);
});

function assertRuns(...steps: [request: string, reply: Reply][]): void {
  for (const [request, reply] of steps) {
    assert.deepEqual(harness.run(...request.split(" ")), reply, request);
  }
}

function assertFails(request: string, text: string): void {
  assertRuns([request, new ReplyError(text)]);
}

function addSicily(): void {
  assertRuns(["GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", 2]);
}

describe("places", () => {
  beforeEach(addSicily);

  it("are scores of 52 bits", () => {
    assertRuns(
      ["ZSCORE Sicily Palermo", "3479099956230698"],
      ["GEOHASH Sicily Palermo none Catania", ["sqc8b49rny0", null, "sqdtr74hyu0"]],
      ["GEOPOS Sicily Palermo none", [["13.36138933897018433", "38.11555639549629859"], null]],
    );
  });

  it("have distances in four units", () => {
    assertRuns(
      ["GEODIST Sicily Palermo Catania", "166274.1516"],
      ["GEODIST Sicily Palermo Catania KM", "166.2742"],
      ["GEODIST Sicily Palermo Catania mi", "103.3182"],
      ["GEODIST Sicily Palermo Catania ft", "545518.8700"],
      ["GEODIST Sicily Palermo Palermo", "0.0000"],
      ["GEODIST Sicily Palermo none", null],
      ["GEODIST none Palermo Catania", null],
    );
    const text = "ERR unsupported unit provided. please use M, KM, FT, MI";
    assertFails("GEODIST Sicily Palermo Catania yd", text);
    assertFails("GEODIST Sicily Palermo Catania m x", "ERR syntax error");
  });

  it("must be on the map", () => {
    const text = "ERR invalid longitude,latitude pair";
    assertFails("GEOADD Sicily 200 10 x", `${text} 200.000000,10.000000`);
    assertFails("GEOADD Sicily 20 -85.06 x", `${text} 20.000000,-85.060000`);
    assertFails("GEOADD Sicily 20 x x", "ERR value is not a valid float");
    assertFails("GEOADD Sicily NX XX 20 20 x", "ERR syntax error");
    assertFails("GEOADD Sicily 20 20", "ERR wrong number of arguments for 'geoadd' command");
  });
});

describe("searches", () => {
  it("reply with what is asked for, the nearest first when counted", () => {
    addSicily();
    assertRuns(
      ["GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC", ["Catania", "Palermo"]],
      ["GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1", ["Catania"]],
      ["GEOSEARCH Sicily FROMMEMBER Palermo BYBOX 400 400 km DESC", ["Catania", "Palermo"]],
      [
        "GEORADIUS Sicily 15 37 200 km WITHDIST WITHHASH COUNT 1",
        [["Catania", "56.4413", 3479447370796909]],
      ],
      ["GEOSEARCHSTORE near Sicily FROMLONLAT 15 37 BYRADIUS 100 km STOREDIST", 1],
      ["ZRANGE near 0 -1", ["Catania"]],
      ["GEORADIUSBYMEMBER Sicily Palermo 1 m STORE near", 1],
      ["ZRANGE near 0 -1 WITHSCORES", ["Palermo", "3479099956230698"]],
      ["GEOSEARCHSTORE near none FROMLONLAT 15 37 BYRADIUS 100 km", 0],
      ["EXISTS near", 0],
    );
  });

  it("say what is wrong with them", () => {
    addSicily();
    const once = "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH";
    assertFails("GEOSEARCH Sicily BYRADIUS 1 km ASC WITHDIST", once);
    assertFails(
      "GEOSEARCH Sicily FROMMEMBER Palermo ASC WITHDIST WITHHASH",
      "ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH",
    );
    assertFails(
      "GEOSEARCH Sicily FROMMEMBER none BYRADIUS 1 km",
      "ERR could not decode requested zset member",
    );
    assertFails("GEORADIUS Sicily 1 1 1 km ANY", "ERR the ANY argument requires COUNT argument");
    assertFails(
      "GEORADIUS Sicily 1 1 1 km STORE x WITHDIST",
      "ERR STORE option in GEORADIUS is not compatible with " +
        "WITHDIST, WITHHASH and WITHCOORD options",
    );
    assertFails("GEORADIUS_RO Sicily 1 1 1 km STORE x", "ERR syntax error");
    assertFails("GEORADIUS Sicily 1 1 -1 km", "ERR radius cannot be negative");
    assertFails("GEORADIUS Sicily 1 1 x km", "ERR need numeric radius");
    assertFails("GEORADIUS Sicily 1 1 1 km COUNT 0", "ERR COUNT must be > 0");
  });

  it("report what they store", () => {
    addSicily();
    const events = harness.eventsOf(() => {
      harness.run("GEORADIUS", "Sicily", 15, 37, 200, "km", "STORE", "x");
      harness.run("GEOSEARCHSTORE", "x", "Sicily", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km");
      harness.run("GEORADIUS", "Sicily", 0, 0, 1, "km", "STORE", "x");
    });
    assert.deepEqual(events, ["new x", "georadiusstore x", "geosearchstore x", "del x"]);
  });

  it("find every place in a circle, as a search through all of them does", () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    const places: { name: string; longitude: number; latitude: number }[] = [];
    const anywhere = (): [number, number] => [
      random.below(3_599_000) / 10_000 - 179.95,
      random.below(1_600_000) / 10_000 - 80,
    ];
    for (let index = 0; index < 2000; index++) {
      const [longitude, latitude] = anywhere();
      harness.run("GEOADD", "world", longitude, latitude, `p${index}`);
      const [[x, y]] = harness.run("GEOPOS", "world", `p${index}`) as [[string, string]];
      places.push({ name: `p${index}`, longitude: Number(x), latitude: Number(y) });
    }
    for (let tries = 0; tries < 300; tries++) {
      // Circles that reach neither over a pole nor over the date line, where Redis misses some too.
      const longitude = (random.below(3_000_000) - 1_500_000) / 10_000;
      const latitude = (random.below(1_000_000) - 500_000) / 10_000;
      const meters = 10 ** (3 + random.below(3000) / 1000);
      const expected = places
        .filter((place) => {
          const { longitude: x, latitude: y } = place;
          return distanceBetween(longitude, latitude, x, y) <= meters;
        })
        .map((place) => place.name);
      const request = [
        "world",
        "FROMLONLAT",
        longitude,
        latitude,
        "BYRADIUS",
        meters,
        "m",
      ] as const;
      const found = harness.run("GEOSEARCH", ...request) as string[];
      assert.deepEqual(found.toSorted(), expected.toSorted(), `seed ${seed}: ${request.join(" ")}`);
    }
  });
});
