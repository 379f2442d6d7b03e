// Whole matrices of derivatives.
import { eye, stack, type Tensor, tidy, zeros } from '@x/tensor'
import { requireFunction } from '@x/tensor/op'
import { transposed } from './forward.ts'
import { floatingValue, grad } from './grad.ts'
import { Tape } from './tape.ts'
import { leavesOf } from './tree.ts'

/**
 * All derivatives of y = fn(x): J[i…, j…] = ∂y[i…] / ∂x[j…]. x [..x] → y [..y] → J [..y, ..x].
 *
 * `fn` runs once; then there is one reverse pass for each element of y, or if x has fewer, one along each element of x
 * (see `jvp`).
 *
 * @throws DTypeError when x or y is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { jacobian } from '@x/autograd'
 * jacobian((x) => x.square(), tensor([1, 2, 3])).toArray() // [[2, 0, 0], [0, 4, 0], [0, 0, 6]]
 */
export function jacobian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  requireFunction('jacobian', 'fn', fn)
  leavesOf('jacobian', x)
  return tidy(() => {
    const tape = new Tape([x])
    const y = floatingValue('jacobian', () => tape.record(() => fn(x)))
    const shape = [...y.shape, ...x.shape]
    if (y.size === 0 || x.size === 0) return zeros(shape, { dtype: x.dtype })
    return (y.size <= x.size ? rows(tape, y, x) : columns(tape, y, x)).reshape(shape)
  })
}

function rows(tape: Tape, y: Tensor, x: Tensor): Tensor {
  return stack(passes(tape, y, x))
}

function columns(tape: Tape, y: Tensor, x: Tensor): Tensor {
  const { u, back } = transposed(tape, y)
  const g = back.gradients.get(x)
  return g ? stack(passes(back.tape, g, u)).reshape([x.size, y.size]).mT : zeros([y.size, x.size], { dtype: x.dtype })
}

/** The gradients of each element of `y` with respect to `source`. */
function passes(tape: Tape, y: Tensor, source: Tensor): Tensor[] {
  const units = eye(y.size, { dtype: y.dtype })
  return Array.from({ length: y.size }, (_, i) => {
    const g = tape.backward([[y, units.at(i).reshape(y.shape)]]).get(source)
    return g ?? zeros(source.shape, { dtype: source.dtype })
  })
}

/**
 * All second derivatives of a function with one element: H[i…, j…] = ∂² fn / ∂x[i…] ∂x[j…]. x [..x] → H [..x, ..x].
 * For H·v alone, `hvp` does not make H.
 * @throws ShapeError when the value has more than one element; DTypeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { hessian } from '@x/autograd'
 * hessian((x) => x.prod(), tensor([2, 3])).toArray() // [[0, 1], [1, 0]]
 */
export function hessian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  requireFunction('hessian', 'fn', fn)
  return jacobian((x) => grad(fn, x), x)
}
