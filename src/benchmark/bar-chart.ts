// Horizontal bars: groups with a bar for each server, or one bar for each ratio that grows from the
// line at 1 to the right where we are better and to the left where we are not.
import { threeDigits } from "./figures.ts";
import { drawing, element, escapeMarkup } from "./markup.ts";

const width = 760;
const labelWidth = 130;
const valueWidth = 92;
const barHeight = 13;
const barGap = 2;
const groupGap = 10;
const axisHeight = 24;
const plotWidth = width - labelWidth - valueWidth;

export interface Bar {
  /** Which server, by its place in the list of servers: its colour. */
  readonly series: number;
  readonly name: string;
  readonly value: number;
  /** The value with its unit. */
  readonly text: string;
}

export interface BarGroup {
  readonly label: string;
  /** Shown when somebody points at it. */
  readonly hint: string;
  readonly bars: readonly Bar[];
}

export interface ChartTitle {
  readonly title: string;
  readonly description: string;
}

/** Groups of bars from zero. */
export function barChart(title: ChartTitle, groups: readonly BarGroup[]): string {
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)), 1e-9);
  let y = 4;
  const parts: string[] = [];
  for (const { label, hint, bars } of groups) {
    const height = bars.length * (barHeight + barGap);
    parts.push(labelText(label, hint, y + height / 2));
    for (const { series, name, value, text } of bars) {
      const length = Math.max((Math.max(value, 0) / largest) * plotWidth, 1);
      const hover = element("title", {}, escapeMarkup(`${label}, ${name}: ${text}`));
      parts.push(
        element(
          "rect",
          { class: `s${series}`, x: labelWidth, y, width: length, height: barHeight, rx: 2 },
          hover,
        ),
        valueText(text, labelWidth + length + 6, y + barHeight / 2),
      );
      y += barHeight + barGap;
    }
    y += groupGap;
  }
  return drawing({ width, height: y, ...title }, ...parts);
}

export interface RatioBar {
  readonly label: string;
  readonly hint: string;
  /** Above 0; 1 is as good as the other. */
  readonly ratio: number;
}

const ticks = [0.1, 0.2, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 10, 20];

/** The natural logarithms of a scale's ends. */
export interface RatioScale {
  readonly low: number;
  readonly high: number;
}

/** A scale that has room for all of them, so that charts below each other can be compared. */
export function ratioScale(bars: readonly RatioBar[]): RatioScale {
  const ratios = bars.map(({ ratio }) => ratio);
  return { low: Math.log(Math.min(0.5, ...ratios)), high: Math.log(Math.max(2, ...ratios)) };
}

/** Bars from the line at 1, on a scale on which twice and half are as long. */
export function ratioChart(
  title: ChartTitle,
  bars: readonly RatioBar[],
  { low, high }: RatioScale,
): string {
  // Room at both sides for the figures at the bars' ends.
  const room = 46;
  const scale = (ratio: number): number =>
    labelWidth + room + ((Math.log(ratio) - low) / (high - low)) * (width - labelWidth - 2 * room);
  const height = bars.length * (barHeight + groupGap) + axisHeight;
  const shown = ticks.filter((tick) => Math.log(tick) >= low && Math.log(tick) <= high);
  const grid = shown.flatMap((tick) => [
    element("line", {
      class: tick === 1 ? "axis" : "grid",
      x1: scale(tick),
      x2: scale(tick),
      y1: 0,
      y2: height - axisHeight,
    }),
    element(
      "text",
      { class: "tick", x: scale(tick), y: height - 6, "text-anchor": "middle" },
      `${tick}×`,
    ),
  ]);
  const drawn = bars.flatMap(({ label, hint, ratio }, index) => {
    const y = index * (barHeight + groupGap) + groupGap / 2;
    const isBetter = ratio >= 1;
    const left = Math.min(scale(1), scale(ratio));
    const length = Math.max(Math.abs(scale(ratio) - scale(1)), 1);
    const text = `${threeDigits(ratio)}×`;
    return [
      labelText(label, hint, y + barHeight / 2),
      element(
        "rect",
        {
          class: isBetter ? "better" : "worse",
          x: left,
          y,
          width: length,
          height: barHeight,
          rx: 2,
        },
        element("title", {}, escapeMarkup(`${label}: ${text}`)),
      ),
      element(
        "text",
        {
          class: "value",
          x: scale(ratio) + (isBetter ? 6 : -6),
          y: y + barHeight / 2,
          "text-anchor": isBetter ? "start" : "end",
          "dominant-baseline": "central",
        },
        text,
      ),
    ];
  });
  return drawing({ width, height, ...title }, ...grid, ...drawn);
}

function labelText(label: string, hint: string, y: number): string {
  return element(
    "text",
    { class: "label", x: labelWidth - 10, y, "text-anchor": "end", "dominant-baseline": "central" },
    escapeMarkup(label),
    element("title", {}, escapeMarkup(hint)),
  );
}

function valueText(text: string, x: number, y: number): string {
  return element(
    "text",
    { class: "value", x, y, "dominant-baseline": "central" },
    escapeMarkup(text),
  );
}
