// The template of the process's title: text with {variables}, `{{` for a brace. As sdstemplate() in
// Redis's sds.c expands it.

export interface ProcTitleVariables {
  readonly title: string;
  readonly "listen-addr": string;
  /** `[cluster]`, or empty. */
  readonly "server-mode": string;
  readonly port: string;
  readonly "tls-port": string;
  readonly unixsocket: string;
  /** `-` when there is none. */
  readonly "config-file": string;
}

/**
 * The title without spaces at its ends. Undefined when a variable is unknown or a brace is not
 * closed.
 */
export function expandProcTitle(
  template: string,
  variables: ProcTitleVariables,
): string | undefined {
  const values = new Map<string, string>(Object.entries(variables));
  let isValid = true;
  const title = template.replace(/\{(\{|[^}]*\}?)/g, (_, rest: string) => {
    if (rest === "{") return "{";
    const value = rest.endsWith("}") ? values.get(rest.slice(0, -1)) : undefined;
    isValid &&= value !== undefined;
    return value ?? "";
  });
  return isValid ? title.replace(/^ +| +$/g, "") : undefined;
}

/**
 * The reason why a template is refused: it must give a title even where only the address is known.
 */
export function procTitleError(template: string): string | undefined {
  const title = expandProcTitle(template, {
    title: "",
    "listen-addr": "*:0",
    "server-mode": "",
    port: "0",
    "tls-port": "0",
    unixsocket: "",
    "config-file": "-",
  });
  if (title !== undefined && title !== "") return undefined;
  return "template format is invalid or contains unknown variables";
}
