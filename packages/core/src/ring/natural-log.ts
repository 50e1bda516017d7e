const SQRT_HALF = Math.SQRT1_2;
const LN_2 = Math.LN2;
const TERMS = 11;

/**
 * The natural logarithm of a number above 0 and at most 1, in additions, multiplications and one division only.
 * `Math.log` may differ between engines in the last bit, and then two nodes could differ about an owner.
 */
export function naturalLog(value: number): number {
  let fraction = value;
  let exponent = 0;
  // Between the roots of a half and of two, so that near 1 nothing cancels out.
  while (fraction < SQRT_HALF) {
    fraction *= 2;
    exponent--;
  }
  // ln f = 2 (s + s^3/3 + s^5/5 + ...) with s = (f - 1) / (f + 1); s^2 < 0.03, so eleven terms are exact to the last bit.
  const s = (fraction - 1) / (fraction + 1);
  const square = s * s;
  let sum = 0;
  for (let term = TERMS; term >= 0; term--) sum = sum * square + 1 / (2 * term + 1);
  return exponent * LN_2 + 2 * s * sum;
}
