// What the machine's 128-bit SIMD can do at most: independent chains of multiply and add, nothing else.
// AssemblyScript, built when the bench starts, with and without relaxed SIMD; no part of any package.

function madd(c: v128, a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(c, a, b) : f32x4.add(f32x4.mul(c, a), b)
}

/** 12 chains c ← c · a + b, 96 operations per turn. The result is there so that nothing is optimised away. */
export function peak(turns: i32, scale: f32, shift: f32): f32 {
  const a = f32x4.splat(scale) // from a parameter: V8 would rebuild a literal at every use
  const b = f32x4.splat(shift)
  let c0 = f32x4.splat(0)
  let c1 = f32x4.splat(1)
  let c2 = f32x4.splat(2)
  let c3 = f32x4.splat(3)
  let c4 = f32x4.splat(4)
  let c5 = f32x4.splat(5)
  let c6 = f32x4.splat(6)
  let c7 = f32x4.splat(7)
  let c8 = f32x4.splat(8)
  let c9 = f32x4.splat(9)
  let c10 = f32x4.splat(10)
  let c11 = f32x4.splat(11)
  for (let i = 0; i < turns; i++) {
    c0 = madd(c0, a, b)
    c1 = madd(c1, a, b)
    c2 = madd(c2, a, b)
    c3 = madd(c3, a, b)
    c4 = madd(c4, a, b)
    c5 = madd(c5, a, b)
    c6 = madd(c6, a, b)
    c7 = madd(c7, a, b)
    c8 = madd(c8, a, b)
    c9 = madd(c9, a, b)
    c10 = madd(c10, a, b)
    c11 = madd(c11, a, b)
  }
  const s0 = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3))
  const s1 = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7))
  const s2 = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11))
  return f32x4.extract_lane(f32x4.add(f32x4.add(s0, s1), s2), 0)
}
