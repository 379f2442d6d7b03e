// Positions along an axis: i32 within [-size, size), negative ones count from the end.

import { Address } from './address'

export class Position {
  /** Element i of an array of positions, counted from the front. */
  @inline static at(index: usize, i: i32, size: i32): i32 {
    const j = load<i32>(Address.of<i32>(index, i))
    return j < 0 ? j + size : j
  }
}
