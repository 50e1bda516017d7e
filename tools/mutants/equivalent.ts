/** A mutation that no test can notice, and why the node behaves the same with it. */
export interface Equivalent {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}

/** Every survivor has its reason here; one that is noticed, or that isn't there any more, has to go. */
export const EQUIVALENT: readonly Equivalent[] = [];
