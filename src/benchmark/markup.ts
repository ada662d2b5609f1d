// The little that HTML and SVG need of us: text that cannot be taken for markup, and elements.

/** Text as it may stand in an element or in a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** An element around markup; attributes' values are escaped, numbers cut to a hundredth. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes).map(([attribute, value]) => {
    const text = typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
    return ` ${attribute}="${escapeMarkup(text)}"`;
  });
  return `<${name}${written.join("")}>${content.join("")}</${name}>`;
}

/** A drawing that tells those who cannot see it what it shows. */
export function drawing(
  options: {
    readonly width: number;
    readonly height: number;
    readonly title: string;
    readonly description: string;
  },
  ...content: readonly string[]
): string {
  const { width, height, title, description } = options;
  return element(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": `${title}. ${description}`,
      xmlns: "http://www.w3.org/2000/svg",
    },
    element("title", {}, escapeMarkup(title)),
    element("desc", {}, escapeMarkup(description)),
    ...content,
  );
}
