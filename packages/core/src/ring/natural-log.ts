const SQRT_HALF = Math.SQRT1_2;
const LN_2 = Math.LN2;
const TERMS = 11;

/**
 * The natural logarithm of a number above 0 and at most 1, using only additions, multiplications and divisions.
 * `Math.log` may differ between engines in the last bit, and then two nodes could disagree on an owner.
 */
export function naturalLog(value: number): number {
  let fraction = value;
  let exponent = 0;
  // Scaled to between the square roots of 1/2 and 2, so that nothing cancels out near 1.
  while (fraction < SQRT_HALF) {
    fraction *= 2;
    exponent--;
  }
  // ln f = 2 (s + s^3/3 + s^5/5 + ...) with s = (f - 1) / (f + 1). s^2 < 0.03, so the terms up to s^23 are exact to the
  // last bit.
  const s = (fraction - 1) / (fraction + 1);
  const square = s * s;
  let sum = 0;
  for (let term = TERMS; term >= 0; term--) sum = sum * square + 1 / (2 * term + 1);
  return exponent * LN_2 + 2 * s * sum;
}
