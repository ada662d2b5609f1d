// What those who publish and those who subscribe in the fan-out must agree on.

export const channel = "news";
/** With so many digits a message begins: when it was sent, in microseconds. */
export const timeDigits = 16;

/** The answer to either is what was counted since the last time, as parts of a histogram. */
export type SubscribersOrder =
  | {
      readonly kind: "subscribe";
      readonly port: number;
      readonly count: number;
      readonly messageBytes: number;
    }
  | { readonly kind: "tell" };

/** The same clock in every process of the machine. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
