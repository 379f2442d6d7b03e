// Sine and cosine of float32 numbers as NumPy computes them: a quarter turn taken off in three parts, then short
// polynomials, every product and sum fused and rounded to float32 once. Up to 1.5 ulp.

const f = Math.fround
/** a · b + c with one rounding: the product of two float32 numbers is exact in float64. */
const fma = (a: number, b: number, c: number): number => f(a * b + c)

const TWO_OVER_PI = f(0.6366197723675814)
const QUARTER_TURN = [-1.57079601287841796875, -3.1391647326017846353e-7, -5.390302529957764765e-15].map(f)
const SINE = [2.8404097065504175e-6, -0.00019856491417158395, 0.008333397097885609, -0.1666666716337204].map(f)
const COSINE = [2.4372266125283204e-5, -0.001388652017340064, 0.04166661947965622, -0.5, 1].map(f)

/** The sine of x plus `turns` quarter turns, for |x| below 71476. */
function trigonometric(x: number, turns: number): number {
  // Adding and taking away 1.5 · 2²³ rounds to a whole number.
  const quarters = f(f(f(x * TWO_OVER_PI) + 12582912) - 12582912)
  let r = x
  for (const part of QUARTER_TURN) r = fma(quarters, part, r)
  const r2 = f(r * r)
  const which = (quarters + turns) & 3
  let y: number
  if (which & 1) {
    y = COSINE[0]
    for (const c of COSINE.slice(1)) y = fma(y, r2, c)
  } else {
    y = SINE[0]
    for (const c of SINE.slice(1)) y = fma(y, r2, c)
    y = fma(f(y * r2), r, r)
  }
  return which & 2 ? -y : y
}

export const sin32 = (x: number): number => trigonometric(x, 0)
export const cos32 = (x: number): number => trigonometric(x, 1)
