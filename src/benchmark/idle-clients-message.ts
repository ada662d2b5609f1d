// What the benchmark and the process of its idle clients say to each other: one order, one answer.

export interface IdleClientsOrder {
  readonly port: number;
  readonly count: number;
}

export type IdleClientsAnswer =
  | { readonly kind: "opened" }
  | { readonly kind: "failed"; readonly reason: string };
