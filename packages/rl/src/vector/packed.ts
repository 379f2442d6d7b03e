// The dynamics of a finite process as the kernel that steps it reads them.
import type { FiniteMdp } from '../envs/mdp.ts'

/** The dynamics as one run of bytes, as assembly/rl/table.ts reads them, in the shape of float64 numbers. */
export function packed({ P, start }: FiniteMdp): Float64Array {
  const A = P[0].length
  const outcomes = P.flat(2)
  const starts = Array.from(start, (_, s) => s).filter((s) => start[s] > 0)
  const K = outcomes.length
  let end = 48
  const part = (bytes: number): number => {
    const at = end
    end = Math.ceil((end + bytes) / 8) * 8
    return at
  }
  const places = [4 * (P.length * A + 1), 8 * K, 4 * K, 8 * K, K, 4 * starts.length, 8 * starts.length].map(part)
  const words = new Float64Array(end / 8)
  const i32 = new Int32Array(words.buffer)
  const u8 = new Uint8Array(words.buffer)
  i32.set([A, starts.length, ...places])
  let first = 0
  P.flat().forEach((list, pair) => {
    i32[places[0] / 4 + pair] = first
    first += list.length
  })
  i32[places[0] / 4 + P.length * A] = first
  outcomes.forEach(([p, next, reward, terminated], k) => {
    words[places[1] / 8 + k] = p
    i32[places[2] / 4 + k] = next
    words[places[3] / 8 + k] = reward
    u8[places[4] + k] = Number(terminated)
  })
  let sum = 0
  starts.forEach((s, k) => {
    sum += start[s]
    i32[places[5] / 4 + k] = s
    words[places[6] / 8 + k] = sum
  })
  return words
}
