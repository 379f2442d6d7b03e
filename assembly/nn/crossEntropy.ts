// Cross-entropy of rows of n logits: crossEntropy_T(x, target, loss, lse, n, ignoreIndex, smoothing, begin, end), target i32,
// loss = (1 − s)(lse − x[target]) + s (lse − mean x), 0 where the target is ignoreIndex; lse = ln Σ e^x is kept.
// crossEntropyGrad_T(x, target, lse, dy, dx, n, ignoreIndex, smoothing, begin, end): dx = dy[row] (softmax x − (1 − s) onehot
// − s / n); dx may be x. [begin, end) counts rows.

import { Address } from '../lib/address'
import { Part } from '../lib/part'
import { Sum } from '../lib/reduce'
import { Row } from '../lib/rows'

function crossEntropy<T extends number>(
  x: usize,
  target: usize,
  loss: usize,
  lse: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  for (; begin < end; begin++) {
    const row = Address.of<T>(x, begin * n)
    const top = Row.max<T>(row, n)
    const total = <f64>v128.extract_lane<T>(top, 0) + Row.logSumExp<T>(row, n, top)
    store<T>(Address.of<T>(lse, begin), <T>total)
    const t = load<i32>(Address.of<i32>(target, begin))
    let value: f64 = 0
    if (t != ignoreIndex) {
      value = (1 - smoothing) * (total - <f64>load<T>(Address.of<T>(row, t)))
      if (smoothing != 0) value += smoothing * (total - Sum.row<T>(row, n) / n)
    }
    store<T>(Address.of<T>(loss, begin), <T>value)
  }
}

function crossEntropyGrad<T extends number>(
  x: usize,
  target: usize,
  lse: usize,
  dy: usize,
  dx: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  for (; begin < end; begin++) {
    let q = Address.of<T>(dx, begin * n)
    const t = load<i32>(Address.of<i32>(target, begin))
    if (t == ignoreIndex) {
      memory.fill(q, 0, Address.bytes<T>(n))
      continue
    }
    Row.exps<T>(Address.of<T>(x, begin * n), q, n, v128.load_splat<T>(Address.of<T>(lse, begin)))
    const at = Address.of<T>(q, t)
    const factor = <f64>load<T>(Address.of<T>(dy, begin))
    const f = v128.splat<T>(<T>factor)
    const rest = v128.splat<T>(<T>(smoothing / n))
    for (let left = n * <i32>sizeof<T>(); left > 0; left -= 16) {
      const whole = left >= 16
      const v = v128.mul<T>(f, v128.sub<T>(whole ? v128.load(q) : Part.load(q, left), rest))
      if (whole) v128.store(q, v)
      else Part.store(q, v, left)
      q += 16
    }
    store<T>(at, <T>(<f64>load<T>(at) - factor * (1 - smoothing)))
  }
}

export function crossEntropy_f32(
  x: usize,
  target: usize,
  loss: usize,
  lse: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  crossEntropy<f32>(x, target, loss, lse, n, ignoreIndex, smoothing, begin, end)
}
export function crossEntropy_f64(
  x: usize,
  target: usize,
  loss: usize,
  lse: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  crossEntropy<f64>(x, target, loss, lse, n, ignoreIndex, smoothing, begin, end)
}
export function crossEntropyGrad_f32(
  x: usize,
  target: usize,
  lse: usize,
  dy: usize,
  dx: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  crossEntropyGrad<f32>(x, target, lse, dy, dx, n, ignoreIndex, smoothing, begin, end)
}
export function crossEntropyGrad_f64(
  x: usize,
  target: usize,
  lse: usize,
  dy: usize,
  dx: usize,
  n: i32,
  ignoreIndex: i32,
  smoothing: f64,
  begin: i32,
  end: i32,
): void {
  crossEntropyGrad<f64>(x, target, lse, dy, dx, n, ignoreIndex, smoothing, begin, end)
}
