// The tables of NumPy's ziggurats for normal and exponential numbers (Marsaglia and Tsang, "The Ziggurat Method for
// Generating Random Variables", 2000, with 256 strips), built when the first such number is drawn.

/** Strip i spans [0, x[i]]; `f` is the density at x[i], `inside` the share of 2^bits that needs no further look. */
export interface Ziggurat {
  /** Strip widths over 2^bits. */
  readonly scale: Float64Array
  readonly inside: Float64Array
  readonly density: Float64Array
  /** Where the tail begins. */
  readonly tail: number
}

const STRIPS = 256
/** Fractional bits of the whole numbers below: exp and log right to the last bit of a float64, in every engine. */
const BITS = 110n
const fixed = (x: number): bigint => BigInt(x * 2 ** 60) << (BITS - 60n)
const float = (x: bigint): number => Number(x) / 2 ** Number(BITS)

/** e^x for x ≤ 0. */
function exp(x: bigint): bigint {
  let term = 1n << BITS
  let sum = term
  // (e^(x/256))^256
  for (let n = 1n; term !== 0n; n++) {
    term = (term * (x >> 8n)) / (n << BITS)
    sum += term
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) >> BITS
  return sum
}

/** ln y for 0 < y ≤ 1: one step of Newton's method from the float64 value. */
function log(y: bigint): bigint {
  const near = fixed(Math.log(float(y)))
  const e = exp(near)
  return near + ((y - e) << BITS) / e
}

/** Widths that NumPy rounds at every strip: x ← √(−2 ln(area / x + f)). */
function normalTable(): Ziggurat {
  const area = 0.004928673233974652
  const tail = 3.654152885361009
  const x = new Float64Array(STRIPS)
  const density = new Float64Array(STRIPS)
  const f = (at: number): number => float(exp(fixed(-0.5 * at * at)))
  x[255] = tail
  density[255] = f(tail)
  for (let i = 254; i > 0; i--) {
    x[i] = Math.sqrt(-2 * float(log(fixed(area / x[i + 1] + density[i + 1]))))
    density[i] = f(x[i])
    // The one density whose last bit NumPy's table has rounded up.
    if (i === 38) density[i] += 2 ** -53
  }
  x[0] = area / density[255]
  density[0] = 1
  return { scale: x.map((w) => w / 2 ** 52), inside: insideOf(x, tail, 2 ** 52), density, tail }
}

/** Widths worked out to many digits and rounded at the end. */
function exponentialTable(): Ziggurat {
  const tail = (7697117470131049714n << BITS) / 10n ** 18n
  const area = ((tail + (1n << BITS)) * exp(-tail)) >> BITS
  const x = new Float64Array(STRIPS)
  const density = new Float64Array(STRIPS)
  let at = tail
  for (let i = 255; i > 0; i--) {
    const y = exp(-at)
    x[i] = float(at)
    density[i] = float(y)
    at = -log((area << BITS) / at + y)
  }
  x[0] = float((area << BITS) / exp(-tail))
  density[0] = 1
  return { scale: x.map((w) => w / 2 ** 53), inside: insideOf(x, float(tail), 2 ** 53), density, tail: float(tail) }
}

const insideOf = (x: Float64Array, tail: number, unit: number): Float64Array =>
  x.map((w, i) => (i === 0 ? (tail / w) * unit : i === 1 ? 0 : (x[i - 1] / w) * unit))

let normal: Ziggurat | null = null
let exponential: Ziggurat | null = null

export function normalZiggurat(): Ziggurat {
  normal ??= normalTable()
  return normal
}

export function exponentialZiggurat(): Ziggurat {
  exponential ??= exponentialTable()
  return exponential
}
