// A small chart of latency percentiles: a line for each server from p50 to p99.9, on a logarithmic
// scale, since what matters in the tail is how many times longer it is.
import type { ChartTitle } from "./bar-chart.ts";
import { microseconds } from "./figures.ts";
import { drawing, element, escapeMarkup } from "./markup.ts";

const width = 250;
const height = 170;
const left = 52;
const right = 12;
const top = 26;
const bottom = 24;

export interface LatencyLine {
  /** Its colour and the shape of its marks. */
  readonly series: number;
  readonly name: string;
  /** In microseconds, one for each of the names. */
  readonly valuesUs: readonly number[];
}

export interface LatencyChart extends ChartTitle {
  /** What the values are: `p50`, `p99`... */
  readonly names: readonly string[];
  readonly lines: readonly LatencyLine[];
  /** The scale's ends, in microseconds, the same for charts that stand side by side. */
  readonly lowUs: number;
  readonly highUs: number;
}

export function latencyChart({ names, lines, lowUs, highUs, ...title }: LatencyChart): string {
  const span = Math.log(highUs / lowUs);
  const y = (us: number): number =>
    height - bottom - (Math.log(Math.max(us, lowUs) / lowUs) / span) * (height - top - bottom);
  const x = (index: number): number =>
    left + 10 + (index / (names.length - 1)) * (width - left - right - 20);
  const grid = decades(lowUs, highUs).flatMap((us) => [
    element("line", { class: "grid", x1: left, x2: width - right, y1: y(us), y2: y(us) }),
    element(
      "text",
      {
        class: "tick",
        x: left - 6,
        y: y(us),
        "text-anchor": "end",
        "dominant-baseline": "central",
      },
      microseconds(us),
    ),
  ]);
  const below = names.map((name, index) =>
    element("text", { class: "tick", x: x(index), y: height - 7, "text-anchor": "middle" }, name),
  );
  const drawn = lines.flatMap(({ series, name, valuesUs }) => [
    element("polyline", {
      class: `l${series}`,
      points: valuesUs.map((us, index) => `${x(index).toFixed(1)},${y(us).toFixed(1)}`).join(" "),
    }),
    ...valuesUs.map((us, index) =>
      mark(series, { x: x(index), y: y(us) }, `${name} ${names[index]}: ${microseconds(us)}`),
    ),
  ]);
  return drawing(
    { width, height, ...title },
    element("text", { class: "heading", x: left, y: 14 }, escapeMarkup(title.title)),
    ...grid,
    ...below,
    ...drawn,
  );
}

/** A disc, a square, a diamond: told apart without colours, too. */
function mark(series: number, at: { x: number; y: number }, text: string): string {
  const hover = element("title", {}, escapeMarkup(text));
  if (series === 0) return element("circle", { class: "s0", cx: at.x, cy: at.y, r: 3.5 }, hover);
  const turn = series % 2 === 0 ? { transform: `rotate(45 ${at.x} ${at.y})` } : {};
  const square = { x: at.x - 3, y: at.y - 3, width: 6, height: 6 };
  return element("rect", { class: `s${series}`, ...square, ...turn }, hover);
}

/** Powers of ten within the scale. */
function decades(lowUs: number, highUs: number): number[] {
  const found: number[] = [];
  for (let power = Math.ceil(Math.log10(lowUs) - 1e-9); 10 ** power <= highUs; power++) {
    found.push(10 ** power);
  }
  return found;
}
