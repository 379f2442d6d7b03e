// Random words for environments: Philox4x32-10 (Salmon et al. 2011) of a key and three counters, so that what happens to
// environment i in step t of its episode e depends on the seed, i, e and t alone.

/** Four words, and numbers made of them. */
export class Words {
  /** The four words of the block (i, e, t, more). */
  static draw(key: u64, i: u32, e: u32, t: u32, more: u32): v128 {
    let x0 = i
    let x1 = e
    let x2 = t
    let x3 = more
    let k0 = <u32>key
    let k1 = <u32>(key >> 32)
    for (let round = 0; round < 10; round++) {
      const p = <u64>0xd2511f53 * x0
      const q = <u64>0xcd9e8d57 * x2
      x0 = <u32>(q >> 32) ^ x1 ^ k0
      x1 = <u32>q
      x2 = <u32>(p >> 32) ^ x3 ^ k1
      x3 = <u32>p
      k0 += 0x9e3779b9
      k1 += 0xbb67ae85
    }
    return i32x4(x0, x1, x2, x3)
  }

  /** A word as a number in [0, 1). */
  @inline static unit(word: u32): f64 {
    return <f64>word * 2.3283064365386963e-10
  }

  /** A word as a number in [low, high). */
  @inline static uniform(word: u32, low: f64, high: f64): f64 {
    return low + (high - low) * Words.unit(word)
  }
}
