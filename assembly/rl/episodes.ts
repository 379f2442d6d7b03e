// Stepping many environments of one kind at once: what all kinds share. A share [begin, end) counts pairs of environments:
// m, how many there are, is even (the last one may be nobody's).
//
// block: f64 state [S, m], f64 rewards [m], i32 elapsed [m], i32 episode [m], u8 terminated [m], truncated [m], due [m].
// c: f64 numbers [16]: 0 the mode, 1 the limit of steps (0 for none), 2 and 3 the bounds of a start, 4.. what the kind
// needs, 15 the key of the random numbers (8 bytes).
// obs and last: a row per environment, f32 or i32. `last` takes the observations that end an episode in mode 1.
//
// Modes: 0 an environment whose episode has ended is reset at its next step; 1 it is reset at once; 2 never.

import { Words } from './words'

/** A kind of environment. s is the state of a pair's first environment, `row` the bytes from one number of it to the next. */
export interface Kind {
  /** Numbers of a state. */
  states(): i32
  /** Bytes of an observation. */
  bytes(): i32
  /** Moves a pair of environments, i and i + 1, writes their rewards, and returns which of them terminated. */
  move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128
  /** Writes the observations of a pair. */
  observe(s: usize, row: usize, obs: usize): void
  /** Puts one environment at the start of an episode. */
  start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void
}

/** Where the parts of a block lie for environment i. */
class Block {
  @inline static rewards<E extends Kind>(block: usize, m: i32, i: i32): usize {
    return block + ((<usize>(changetype<E>(0).states() * m + i)) << 3)
  }

  @inline static elapsed<E extends Kind>(block: usize, m: i32, i: i32): usize {
    return block + ((<usize>((changetype<E>(0).states() + 1) * m)) << 3) + ((<usize>i) << 2)
  }

  @inline static episode<E extends Kind>(block: usize, m: i32, i: i32): usize {
    return Block.elapsed<E>(block, m, m + i)
  }

  @inline static flags<E extends Kind>(block: usize, m: i32, i: i32): usize {
    return Block.elapsed<E>(block, m, 2 * m) + <usize>i
  }
}

export class Episodes {
  /** Where an environment's counters of elapsed steps and of episodes lie, seen from its reward. */
  @inline static elapsedOf(at: usize, i: i32, m: i32): usize {
    return at + ((<usize>(m - i)) << 3) + ((<usize>i) << 2)
  }

  /** One step of every pair in [begin, end). */
  @inline static step<E extends Kind>(
    block: usize,
    actions: usize,
    obs: usize,
    last: usize,
    c: usize,
    table: usize,
    m: i32,
    begin: i32,
    end: i32,
  ): void {
    const kind = changetype<E>(0)
    const row = (<usize>m) << 3
    const given = <i32>load<f64>(c, 8)
    const limit = i32x4.splat(given > 0 ? given : i32.MAX_VALUE)
    for (let pair = begin; pair < end; pair++) {
      const i = pair << 1
      const s = block + ((<usize>i) << 3)
      const flags = Block.flags<E>(block, m, i)
      const ended = i64x2.bitmask(kind.move(s, row, actions, i, Block.rewards<E>(block, m, i), c, table))
      const at = Block.elapsed<E>(block, m, i)
      const elapsed = i32x4.add(v128.load64_zero(at), i32x4.splat(1))
      v128.store64_lane(at, elapsed, 0)
      const cut = i32x4.bitmask(i32x4.ge_s(elapsed, limit)) & 3
      const own = obs + <usize>(i * kind.bytes())
      kind.observe(s, row, own)
      store<u16>(flags, <u16>((ended & 1) | ((ended & 2) << 7)))
      store<u16>(flags + <usize>m, <u16>(cut | (cut << 7)) & 0x101)
      if ((ended | cut | <i32>load<u16>(flags + <usize>(2 * m))) != 0) {
        Episodes.turn<E>(block, own, last, c, table, m, i)
        kind.observe(s, row, own)
      }
    }
  }

  /** What the end of an episode brings, for the two environments of a pair. */
  static turn<E extends Kind>(block: usize, own: usize, last: usize, c: usize, table: usize, m: i32, i: i32): void {
    const bytes = changetype<E>(0).bytes()
    const mode = <i32>load<f64>(c)
    for (let lane = 0; lane < 2; lane++) {
      const k = i + lane
      const flags = Block.flags<E>(block, m, k)
      const due = flags + <usize>(2 * m)
      const isOver = load<u8>(flags) | load<u8>(flags + <usize>m)
      if (mode == 0 && load<u8>(due)) {
        store<u8>(flags, 0)
        store<u8>(flags + <usize>m, 0)
        store<f64>(Block.rewards<E>(block, m, k), 0)
        Episodes.begin<E>(block, c, table, m, k)
      } else if (isOver && mode == 1) {
        memory.copy(last + <usize>(k * bytes), own + <usize>(lane * bytes), <usize>bytes)
        Episodes.begin<E>(block, c, table, m, k)
      } else if (isOver) store<u8>(due, 1)
    }
  }

  /** Starts the next episode of environment i. */
  static begin<E extends Kind>(block: usize, c: usize, table: usize, m: i32, i: i32): void {
    const episode = load<i32>(Block.episode<E>(block, m, i)) + 1
    store<i32>(Block.episode<E>(block, m, i), episode)
    store<i32>(Block.elapsed<E>(block, m, i), 0)
    store<u8>(Block.flags<E>(block, m, i) + <usize>(2 * m), 0)
    changetype<E>(0).start(block + ((<usize>i) << 3), (<usize>m) << 3, i, episode, c, table)
  }

  /** Starts the next episode of the environments in [begin, end) that the bytes of `mask` mark. */
  @inline static reset<E extends Kind>(
    block: usize,
    mask: usize,
    obs: usize,
    c: usize,
    table: usize,
    m: i32,
    begin: i32,
    end: i32,
  ): void {
    const kind = changetype<E>(0)
    for (let i = begin << 1; i < end << 1; i++) if (load<u8>(mask + <usize>i)) Episodes.begin<E>(block, c, table, m, i)
    for (let pair = begin; pair < end; pair++) {
      kind.observe(block + ((<usize>pair) << 4), (<usize>m) << 3, obs + <usize>(2 * pair * kind.bytes()))
    }
  }

  /** The key of the random numbers. */
  @inline static key(c: usize): u64 {
    return load<u64>(c, 120)
  }

  /** The words of a start. */
  @inline static words(c: usize, i: i32, e: i32): v128 {
    return Words.draw(Episodes.key(c), i, e, 0, 0)
  }
}
