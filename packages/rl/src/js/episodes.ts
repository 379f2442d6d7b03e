// Stepping many environments of one kind: see assembly/rl/episodes.ts, which also says where everything lies.
import type { KernelTable } from '@x/tensor'
import { heap } from '@x/tensor/op'
import { words } from './words.ts'

/** What a kind of environment is asked for: environment i in step t of its episode e. */
export interface Place {
  readonly i: number
  readonly e: number
  readonly t: number
  /** Number k that the kernel was given. */
  number(k: number): number
  /** Random words. */
  words(e: number, t: number, more: number): Uint32Array
  /** Address of the table. */
  readonly table: number
}

/** A kind of environment; s is its state. */
export interface Kind {
  readonly states: number
  readonly width: number
  readonly isFloat: boolean
  readonly isContinuous: boolean
  /** Moves in place; returns the reward and whether the episode terminated. */
  move(s: Float64Array, action: number, at: Place): [reward: number, terminated: boolean]
  observe(s: Float64Array): ArrayLike<number>
  start(s: Float64Array, at: Place): void
}

function placeOf(c: number, table: number, i: number, e: number, t: number): Place {
  const number = (k: number): number => heap.f64[c / 8 + k]
  const [key0, key1] = heap.u32.subarray(c / 4 + 30, c / 4 + 32)
  return { i, e, t, number, table, words: (e, t, more) => words(key0, key1, i, e, t, more) }
}

/** The two kernels of a kind: steps and resets. */
export function twins(name: string, kind: Kind): KernelTable['kernels'] {
  const S = kind.states
  const load = (block: number, m: number, i: number): Float64Array =>
    Float64Array.from({ length: S }, (_, k) => heap.f64[block / 8 + k * m + i])
  const save = (block: number, m: number, i: number, s: Float64Array): void => {
    s.forEach((v, k) => {
      heap.f64[block / 8 + k * m + i] = v
    })
  }
  const show = (to: number, i: number, s: Float64Array): void => {
    const view = kind.isFloat ? heap.f32 : heap.i32
    view.set(kind.observe(s), to / 4 + i * kind.width)
  }
  const begin = (block: number, c: number, table: number, m: number, i: number): Float64Array => {
    const elapsed = (block + (S + 1) * m * 8) / 4 + i
    const e = ++heap.i32[elapsed + m]
    heap.i32[elapsed] = 0
    heap.u8[block + (S + 2) * m * 8 + 2 * m + i] = 0
    const s = new Float64Array(S)
    kind.start(s, placeOf(c, table, i, e, 0))
    save(block, m, i, s)
    return s
  }
  const step = (
    block: number,
    actions: number,
    obs: number,
    last: number,
    c: number,
    table: number,
    m: number,
    first: number,
    end: number,
  ): void => {
    const mode = heap.f64[c / 8]
    const limit = heap.f64[c / 8 + 1] || Number.POSITIVE_INFINITY
    for (let i = 2 * first; i < 2 * end; i++) {
      const elapsed = (block + (S + 1) * m * 8) / 4 + i
      const flags = block + (S + 2) * m * 8 + i
      const t = heap.i32[elapsed] + 1
      const s = load(block, m, i)
      const action = kind.isContinuous ? heap.f32[actions / 4 + i] : heap.i32[actions / 4 + i]
      const [reward, terminated] = kind.move(s, action, placeOf(c, table, i, heap.i32[elapsed + m], t))
      save(block, m, i, s)
      heap.i32[elapsed] = t
      const isOver = terminated || t >= limit
      const rewardAt = block / 8 + S * m + i
      heap.f64[rewardAt] = reward
      heap.u8[flags] = Number(terminated)
      heap.u8[flags + m] = Number(t >= limit)
      show(obs, i, s)
      if (mode === 0 && heap.u8[flags + 2 * m]) {
        heap.u8[flags] = heap.u8[flags + m] = 0
        heap.f64[rewardAt] = 0
        show(obs, i, begin(block, c, table, m, i))
      } else if (isOver && mode === 1) {
        show(last, i, s)
        show(obs, i, begin(block, c, table, m, i))
      } else if (isOver) heap.u8[flags + 2 * m] = 1
    }
  }
  const reset = (
    block: number,
    mask: number,
    obs: number,
    c: number,
    table: number,
    m: number,
    first: number,
    end: number,
  ): void => {
    for (let i = 2 * first; i < 2 * end; i++) {
      show(obs, i, heap.u8[mask + i] ? begin(block, c, table, m, i) : load(block, m, i))
    }
  }
  return { [name]: step, [`${name}Reset`]: reset } as KernelTable['kernels']
}
