// What the activations are made of: functions with a derivative of their own, and limits.
import { customGrad } from '@x/autograd'
import type { Tensor } from '@x/tensor'

type Elementwise = (x: Tensor) => Tensor

/**
 * value(x), whose gradient is dy·slope(x). For functions whose derivative, taken op by op, would be NaN far out (∞·0),
 * wrong at a kink, or rounded away; `slope` is itself differentiated op by op.
 */
export const curve = (x: Tensor, value: Elementwise, slope: Elementwise): Tensor =>
  customGrad({ forward: value, backward: ({ dy, inputs }) => [dy.mul(slope(inputs[0]))] })(x)

/** ln(1 + eˣ) without overflow; its derivative is the sigmoid. */
export const log1pExp = (x: Tensor): Tensor =>
  curve(
    x,
    (x) => x.relu().add(x.abs().neg().exp().log1p()),
    (x) => x.sigmoid(),
  )

/** x, at least `low` and at most `high`; no gradient outside nor at the ends, as in torch's hardtanh. NaN stays. */
export const between = (x: Tensor, low: number, high: number): Tensor => x.le(low).where(low, x.ge(high).where(high, x))

/** x, at least `low`; at `low` itself the gradient passes, as in torch's clamp_min. NaN stays. */
export const atLeast = (x: Tensor, low: number): Tensor => x.lt(low).where(low, x)
