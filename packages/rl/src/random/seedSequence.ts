// NumPy's SeedSequence: turns any whole number into well-mixed words (M. E. O'Neill's seed_seq, "Developing a seed_seq
// Alternative", 2015, as NumPy 1.17 and later have it).

const POOL = 4
const INIT_A = 0x43b0d7e5
const MULT_A = 0x931e8875
const INIT_B = 0x8b51f9dd
const MULT_B = 0x58f38ded
const MIX_L = 0xca01f9dd
const MIX_R = 0x4973f715

/** A seed: a whole number ≥ 0, of any size as a bigint. */
export type Seed = number | bigint

/** The 32-bit words of a seed, lowest first. @throws RangeError unless it is a whole number ≥ 0 */
function wordsOf(seed: Seed): number[] {
  if (typeof seed === 'number' ? !Number.isSafeInteger(seed) || seed < 0 : typeof seed !== 'bigint' || seed < 0n) {
    throw new RangeError(`seed: ${seed} is not a whole number ≥ 0 (beyond 2^53 - 1, give a bigint)`)
  }
  const words: number[] = []
  for (let rest = BigInt(seed); rest > 0n || words.length === 0; rest >>= 32n) words.push(Number(rest & 0xffffffffn))
  return words
}

/** The first `count` 32-bit words that NumPy's `SeedSequence(seed).generate_state(count)` gives. @throws RangeError */
export function seedWords(seed: Seed, count: number): Uint32Array {
  const entropy = wordsOf(seed)
  const pool = new Uint32Array(POOL)
  let constant = INIT_A
  const hash = (word: number): number => {
    let x = word ^ constant
    constant = Math.imul(constant, MULT_A)
    x = Math.imul(x, constant)
    return x ^ (x >>> 16)
  }
  const mix = (x: number, y: number): number => {
    const mixed = Math.imul(MIX_L, x) - Math.imul(MIX_R, y)
    return mixed ^ (mixed >>> 16)
  }
  for (let i = 0; i < POOL; i++) pool[i] = hash(entropy[i] ?? 0)
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]))
  }
  for (let from = POOL; from < entropy.length; from++) {
    for (let to = 0; to < POOL; to++) pool[to] = mix(pool[to], hash(entropy[from]))
  }
  constant = INIT_B
  return Uint32Array.from({ length: count }, (_, i) => {
    let x = pool[i % POOL] ^ constant
    constant = Math.imul(constant, MULT_B)
    x = Math.imul(x, constant)
    return x ^ (x >>> 16)
  })
}

/** A seed nobody chose: 128 bits from the system. */
export function freshSeed(): bigint {
  return globalThis.crypto.getRandomValues(new Uint32Array(4)).reduce((n, w) => (n << 32n) | BigInt(w), 0n)
}
