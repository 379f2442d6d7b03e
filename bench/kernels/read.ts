// How fast memory is read: nothing is done with it. In one stream, and in four far apart, since machines differ in which
// they like better. AssemblyScript, built when the bench starts; no part of any package.

/** Reads n bytes from p, a multiple of 256, in `streams` (1 or 4). The result is there so that nothing is optimised away. */
export function read(p: usize, n: usize, streams: i32): i32 {
  const far: usize = streams > 1 ? n / 4 : 16
  const step: usize = streams > 1 ? 16 : 64
  let a = v128.load(p)
  let b = a
  let c = a
  let d = a
  for (const stop = p + (n / 64) * step; p < stop; p += step) {
    a = v128.or(a, v128.load(p))
    b = v128.or(b, v128.load(p + far))
    c = v128.or(c, v128.load(p + 2 * far))
    d = v128.or(d, v128.load(p + 3 * far))
  }
  return i32x4.extract_lane(v128.or(v128.or(a, b), v128.or(c, d)), 0)
}

/** Makes sure that there are n bytes, and that they are in memory. @returns where */
export function reserve(n: usize): usize {
  const pages = <i32>((n + 0x1ffff) >> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) return 0
  memory.fill(0x10000, 1, n)
  return 0x10000
}
