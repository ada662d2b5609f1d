// The arguments of GEOSEARCH and GEORADIUS and their kin, and what is done with the places found.
// The rules and their order are those of georadiusGeneric in Redis's src/geo.c.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { doubleArgument, integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { GeoPlace } from "../../keyspace/geo-hash.ts";
import { decodeScore } from "../../keyspace/geo-hash.ts";
import type { GeoArea } from "../../keyspace/geo-search.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { zsetScore } from "../../keyspace/zset.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { placeArguments, unitArgument } from "./geo-argument.ts";

const unknownMember = new Failure("ERR could not decode requested zset member");
const radiusNotNumber = new Failure("ERR need numeric radius");
const radiusNegative = new Failure("ERR radius cannot be negative");
const widthNotNumber = new Failure("ERR need numeric width");
const heightNotNumber = new Failure("ERR need numeric height");
const boxNegative = new Failure("ERR height or width cannot be negative");
const countNotPositive = new Failure("ERR COUNT must be > 0");
const anyWithoutCount = new Failure("ERR the ANY argument requires COUNT argument");

const word = {
  withDist: asciiBytes("withdist"),
  withHash: asciiBytes("withhash"),
  withCoord: asciiBytes("withcoord"),
  any: asciiBytes("any"),
  asc: asciiBytes("asc"),
  desc: asciiBytes("desc"),
  count: asciiBytes("count"),
  store: asciiBytes("store"),
  storeDist: asciiBytes("storedist"),
  fromMember: asciiBytes("frommember"),
  fromLonLat: asciiBytes("fromlonlat"),
  byRadius: asciiBytes("byradius"),
  byBox: asciiBytes("bybox"),
};

/** Which of the commands it is, as far as the arguments are concerned. */
export interface AreaSyntax {
  /** Argument index of the key that is searched. */
  readonly keyAt: number;
  /**
   * Whether the centre and the radius stand before the options: as coordinates, as a member, or not
   * at all (GEOSEARCH).
   */
  readonly centre: "coordinates" | "member" | "option";
  /**
   * Whether a result may be stored: never, in a key that an option names, or always, in argument 1.
   */
  readonly storing: "never" | "option" | "always";
}

export class AreaRequest {
  withDistance = false;
  withHash = false;
  withPlace = false;
  order: "none" | "nearest" | "farthest" = "none";
  /** 0: all. */
  count = 0;
  /** Any `count` places will do, not the nearest. */
  isAny = false;
  /** Argument index of the key for the result; 0: it is replied. */
  storeKey = 0;
  storesDistance = false;
  /** Meters in the unit of the request. */
  unitMeters = 1;
  #place: GeoPlace | undefined;
  #hasCentre = false;
  #shape: "none" | "circle" | "box" = "none";
  #radius = 0;
  #width = 0;
  #height = 0;

  /** The area in meters. Only for a key that is there: without one the centre may be unknown. */
  area(): GeoArea {
    const { longitude, latitude } = this.#place ?? { longitude: 0, latitude: 0 };
    const unit = this.unitMeters;
    return {
      longitude,
      latitude,
      radius: this.#shape === "box" ? -1 : this.#radius * unit,
      width: this.#width * unit,
      height: this.#height * unit,
    };
  }

  /** Reads the arguments; `ref` is the record of the key, none when it is missing. */
  parse({ args, db }: Context, ref: Ref, syntax: AreaSyntax): void {
    if (syntax.storing === "always") this.storeKey = 1;
    const optionsAt = this.#parseCentre(args, db.keyspace, ref, syntax);
    let index = optionsAt;
    while (index < args.count) {
      const used =
        this.#parsePlain(args, index) ||
        this.#parseStore(args, index, syntax) ||
        this.#parseArea(args, db.keyspace, index, ref, syntax);
      if (used === 0) throw syntaxError;
      index += used;
    }
    this.#check(args, syntax);
  }

  /** Reads what stands at fixed places; returns where the options begin. */
  #parseCentre(args: Slices, keyspace: Keyspace, ref: Ref, syntax: AreaSyntax): number {
    const at = syntax.keyAt + 1;
    if (syntax.centre === "option") return at;
    if (syntax.centre === "coordinates") {
      this.#place = placeArguments(args, at);
      this.#parseCircle(args, at + 2);
      return at + 4;
    }
    // Without a key Redis does not look at the radius.
    if (ref !== noRef) {
      this.#place = placeOf(keyspace, ref, args, at);
      this.#parseCircle(args, at + 1);
    }
    return at + 3;
  }

  /** Options that every command knows; returns how many arguments were used. */
  #parsePlain(args: Slices, index: number): number {
    if (isArgument(args, index, word.withDist)) this.withDistance = true;
    else if (isArgument(args, index, word.withHash)) this.withHash = true;
    else if (isArgument(args, index, word.withCoord)) this.withPlace = true;
    else if (isArgument(args, index, word.any)) this.isAny = true;
    else if (isArgument(args, index, word.asc)) this.order = "nearest";
    else if (isArgument(args, index, word.desc)) this.order = "farthest";
    else if (isArgument(args, index, word.count) && index + 1 < args.count) {
      this.count = integerArgument(args, index + 1);
      if (this.count <= 0) throw countNotPositive;
      return 2;
    } else {
      return 0;
    }
    return 1;
  }

  #parseStore(args: Slices, index: number, syntax: AreaSyntax): number {
    const isDistance = isArgument(args, index, word.storeDist);
    if (syntax.storing === "always" && isDistance) {
      this.storesDistance = true;
      return 1;
    }
    const hasKey = syntax.storing === "option" && index + 1 < args.count;
    if (!hasKey || !(isDistance || isArgument(args, index, word.store))) return 0;
    this.storeKey = index + 1;
    this.storesDistance = isDistance;
    return 2;
  }

  #parseArea(
    args: Slices,
    keyspace: Keyspace,
    index: number,
    ref: Ref,
    syntax: AreaSyntax,
  ): number {
    if (syntax.centre !== "option") return 0;
    const left = args.count - index - 1;
    const isFree = !this.#hasCentre;
    if (isArgument(args, index, word.fromMember) && left >= 1 && (isFree || !this.#isFromLonLat)) {
      if (ref !== noRef) this.#place = placeOf(keyspace, ref, args, index + 1);
      this.#hasCentre = true;
      return 2;
    }
    if (isArgument(args, index, word.fromLonLat) && left >= 2 && (isFree || this.#isFromLonLat)) {
      this.#place = placeArguments(args, index + 1);
      this.#hasCentre = true;
      this.#isFromLonLat = true;
      return 3;
    }
    if (isArgument(args, index, word.byRadius) && left >= 2 && this.#shape !== "box") {
      this.#parseCircle(args, index + 1);
      return 3;
    }
    if (isArgument(args, index, word.byBox) && left >= 3 && this.#shape !== "circle") {
      this.#parseBox(args, index + 1);
      return 4;
    }
    return 0;
  }

  #isFromLonLat = false;

  #parseCircle(args: Slices, index: number): void {
    this.#radius = doubleArgument(args, index, radiusNotNumber);
    if (this.#radius < 0) throw radiusNegative;
    this.unitMeters = unitArgument(args, index + 1);
    this.#shape = "circle";
  }

  #parseBox(args: Slices, index: number): void {
    this.#width = doubleArgument(args, index, widthNotNumber);
    this.#height = doubleArgument(args, index + 1, heightNotNumber);
    if (this.#width < 0 || this.#height < 0) throw boxNegative;
    this.unitMeters = unitArgument(args, index + 2);
    this.#shape = "box";
  }

  #check(args: Slices, syntax: AreaSyntax): void {
    if (this.storeKey !== 0 && (this.withDistance || this.withHash || this.withPlace)) {
      const subject = syntax.storing === "always" ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      throw new Failure(
        `ERR ${subject} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
      );
    }
    if (syntax.centre === "option" && !this.#hasCentre) {
      const name = args.latin1(0);
      throw new Failure(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
    }
    if (syntax.centre === "option" && this.#shape === "none") {
      const name = args.latin1(0);
      throw new Failure(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
    }
    if (this.isAny && this.count === 0) throw anyWithoutCount;
    // The nearest ones are meant, unless any will do.
    if (this.count !== 0 && this.order === "none" && !this.isAny) this.order = "nearest";
  }
}

/** The place of the member that argument `index` names. */
function placeOf(keyspace: Keyspace, ref: Ref, args: Slices, index: number): GeoPlace {
  const score = zsetScore(keyspace, ref, args, index);
  if (Number.isNaN(score)) throw unknownMember;
  const place = { longitude: 0, latitude: 0 };
  decodeScore(score, place);
  return place;
}
