// Environments whose dynamics are a table, and blackjack: one at a time within a pair, observations in i32.
//
// table: i32 numbers: 0 actions, 1 starts, then offsets in bytes from the table's beginning: 2 first outcome of a pair of
// state and action (i32, one more than there are pairs), 3 probabilities (f64), 4 next states (i32), 5 rewards (f64), 6 ends
// (u8), 7 states to start in (i32), 8 the running sum of their probabilities (f64).

import { Episodes } from './episodes'
import { Words } from './words'

class Lanes {
  /** All ones in the lanes whose flag is not 0. */
  @inline static mask(first: bool, second: bool): v128 {
    return i64x2(first ? -1 : 0, second ? -1 : 0)
  }
}

/** c: 14 how many environments there are. */
@unmanaged
class Tabular {
  @inline states(): i32 {
    return 1
  }

  @inline bytes(): i32 {
    return 4
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    const first = Tabular.one(s, actions, i, at, c, table)
    const second = Tabular.one(s + 8, actions, i + 1, at + 8, c, table)
    return Lanes.mask(first, second)
  }

  static one(s: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): bool {
    const m = <i32>load<f64>(c, 112)
    const counters = Episodes.elapsedOf(at, i, m)
    const words = Words.draw(Episodes.key(c), i, load<i32>(counters + ((<usize>m) << 2)), load<i32>(counters) + 1, 0)
    const u = Words.unit(i32x4.extract_lane(words, 0))
    const pair = <i32>load<f64>(s) * load<i32>(table) + load<i32>(actions + ((<usize>i) << 2))
    const offsets = table + <usize>load<i32>(table, 8) + ((<usize>pair) << 2)
    const begin = load<i32>(offsets)
    const probabilities = table + <usize>load<i32>(table, 12)
    let k = begin
    let sum = load<f64>(probabilities + ((<usize>k) << 3))
    for (const end = load<i32>(offsets, 4) - 1; k < end && sum <= u; ) {
      k++
      sum += load<f64>(probabilities + ((<usize>k) << 3))
    }
    store<f64>(s, <f64>load<i32>(table + <usize>load<i32>(table, 16) + ((<usize>k) << 2)))
    store<f64>(at, load<f64>(table + <usize>load<i32>(table, 20) + ((<usize>k) << 3)))
    return load<u8>(table + <usize>load<i32>(table, 24) + <usize>k) != 0
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    store<i32>(obs, <i32>load<f64>(s))
    store<i32>(obs, <i32>load<f64>(s, 8), 4)
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const u = Words.unit(i32x4.extract_lane(Episodes.words(c, i, e), 0))
    const sums = table + <usize>load<i32>(table, 32)
    let low = 0
    let high = load<i32>(table, 4) - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (load<f64>(sums + ((<usize>middle) << 3)) > u) high = middle
      else low = middle + 1
    }
    store<f64>(s, <f64>load<i32>(table + <usize>load<i32>(table, 28) + ((<usize>low) << 2)))
  }
}

/** State: the player's sum, whether an ace counts 11, the dealer's card, whether the hand is an ace and a ten. c: 4 natural, 5 sab. */
@unmanaged
class Blackjack {
  @inline states(): i32 {
    return 4
  }

  @inline bytes(): i32 {
    return 12
  }

  @inline move(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize, table: usize): v128 {
    const first = Blackjack.one(s, row, actions, i, at, c)
    const second = Blackjack.one(s + 8, row, actions, i + 1, at + 8, c)
    return Lanes.mask(first, second)
  }

  /** A card from a word: 1 to 10, pictures count 10. */
  @inline static card(word: u32): i32 {
    return min(<i32>((<u64>word * 13) >> 32) + 1, 10)
  }

  /** A sum, and in bit 8 whether an ace in it counts 11, after another card. */
  static take(hand: i32, card: i32): i32 {
    let sum = (hand & 255) + card
    let ace = hand & 256
    if (card == 1 && sum + 10 <= 21) {
      sum += 10
      ace = 256
    }
    if (sum > 21 && ace) {
      sum -= 10
      ace = 0
    }
    return sum | ace
  }

  static one(s: usize, row: usize, actions: usize, i: i32, at: usize, c: usize): bool {
    const m = <i32>load<f64>(c, 112)
    const counters = Episodes.elapsedOf(at, i, m)
    const e = load<i32>(counters + ((<usize>m) << 2))
    const t = load<i32>(counters) + 1
    const hand = <i32>load<f64>(s) | ((<i32>load<f64>(s + row)) << 8)
    if (load<i32>(actions + ((<usize>i) << 2)) == 1) {
      const words = Words.draw(Episodes.key(c), i, e, t, 0)
      const next = Blackjack.take(hand, Blackjack.card(i32x4.extract_lane(words, 0)))
      store<f64>(s, <f64>(next & 255))
      store<f64>(s + row, <f64>(next >> 8))
      store<f64>(s + 3 * row, 0)
      const isBust = (next & 255) > 21
      store<f64>(at, isBust ? -1 : 0)
      return isBust
    }
    let dealer = Blackjack.take(0, <i32>load<f64>(s + 2 * row))
    let cards = 1
    while ((dealer & 255) < 17) {
      const words = Words.draw(Episodes.key(c), i, e, t, cards)
      dealer = Blackjack.take(dealer, Blackjack.card(i32x4.extract_lane(words, 0)))
      cards++
    }
    const mine = hand & 255
    const its = (dealer & 255) > 21 ? 0 : dealer & 255
    let reward: f64 = mine > its ? 1 : mine < its ? -1 : 0
    if (load<f64>(s + 3 * row) != 0) {
      if (load<f64>(c, 40) != 0) {
        if (!(cards == 2 && its == 21)) reward = 1
      } else if (load<f64>(c, 32) != 0 && reward == 1) reward = 1.5
    }
    store<f64>(at, reward)
    return true
  }

  @inline observe(s: usize, row: usize, obs: usize): void {
    for (let lane = 0; lane < 2; lane++) {
      store<i32>(obs, <i32>load<f64>(s))
      store<i32>(obs, <i32>load<f64>(s + 2 * row), 4)
      store<i32>(obs, <i32>load<f64>(s + row), 8)
      s += 8
      obs += 12
    }
  }

  @inline start(s: usize, row: usize, i: i32, e: i32, c: usize, table: usize): void {
    const words = Episodes.words(c, i, e)
    const first = Blackjack.take(0, Blackjack.card(i32x4.extract_lane(words, 0)))
    const hand = Blackjack.take(first, Blackjack.card(i32x4.extract_lane(words, 1)))
    store<f64>(s, <f64>(hand & 255))
    store<f64>(s + row, <f64>(hand >> 8))
    store<f64>(s + 2 * row, <f64>Blackjack.card(i32x4.extract_lane(words, 2)))
    store<f64>(s + 3 * row, (hand & 255) == 21 ? 1 : 0)
  }
}

export function tabular(
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
  Episodes.step<Tabular>(block, actions, obs, last, c, table, m, begin, end)
}
export function tabularReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<Tabular>(block, mask, obs, c, table, m, begin, end)
}
export function blackjack(
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
  Episodes.step<Blackjack>(block, actions, obs, last, c, table, m, begin, end)
}
export function blackjackReset(
  block: usize,
  mask: usize,
  obs: usize,
  c: usize,
  table: usize,
  m: i32,
  begin: i32,
  end: i32,
): void {
  Episodes.reset<Blackjack>(block, mask, obs, c, table, m, begin, end)
}
