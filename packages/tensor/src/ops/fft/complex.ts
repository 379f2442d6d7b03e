// Complex numbers as pairs of real and imaginary part along a last axis.
import { arange } from '../../create.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { isHeard, requireTensor, scalar, type TensorLike } from '../../record.ts'
import { broadcastShapes, show } from '../../shape.ts'
import { Tensor } from '../../tensor.ts'
import { mul } from '../elementwise/binary.ts'
import { atan2, hypot } from '../elementwise/elementaryPairs.ts'
import { floating } from '../elementwise/rules.ts'
import { stack } from '../shape/concat.ts'

/** Real and imaginary part. @throws ShapeError unless the last axis has length 2 */
function partsOf(name: string, z: Tensor): [Tensor, Tensor] {
  requireTensor(name, 'z', z)
  if (z.ndim === 0 || z.shape[z.ndim - 1] !== 2) {
    throw new ShapeError(
      `${name}: z ${show(z.shape)} has no last axis of 2 for real and imaginary parts; see complex()`,
    )
  }
  return [z.at('...', 0), z.at('...', 1)]
}

/**
 * Complex numbers of real parts [...] and imaginary parts, which broadcast: → [..., 2].
 * @param im default 0
 */
export function complex(re: Tensor, im: TensorLike = 0): Tensor {
  requireTensor('complex', 're', re)
  return tidy(() => {
    const dtype = floating(im instanceof Tensor ? [re, im] : [re])
    const second = im instanceof Tensor ? im.cast(dtype) : scalar(im, dtype)
    const shape = broadcastShapes('complex', re.shape, second.shape)
    return stack([re.cast(dtype).expand(shape), second.expand(shape)], -1)
  })
}

/** The real parts, a view: [..., 2] → [...]. @throws ShapeError */
export const real = (z: Tensor): Tensor => partsOf('real', z)[0]

/** The imaginary parts, a view: [..., 2] → [...]. @throws ShapeError */
export const imag = (z: Tensor): Tensor => partsOf('imag', z)[1]

/** The conjugates: [..., 2] → [..., 2]. @throws ShapeError */
export function conj(z: Tensor): Tensor {
  partsOf('conj', z)
  return tidy(() => z.mul(arange(1, -3, { step: -2, dtype: z.dtype })))
}

/**
 * Products, a [..., 2], b [..., 2] → [..., 2]; the axes before the last broadcast.
 * @throws ShapeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { complexMul } from '@x/tensor/fft'
 * complexMul(tensor([1, 2]), tensor([3, 4])).toArray() // [-5, 10]
 */
export function complexMul(a: Tensor, b: Tensor): Tensor {
  const [ar, ai] = partsOf('complexMul', a)
  const [br, bi] = partsOf('complexMul', b)
  return tidy(() => stack([mul(ar, br).sub(mul(ai, bi)), mul(ar, bi).add(mul(ai, br))], -1))
}

/** Magnitudes, without overflow in between: [..., 2] → [...]; the gradient at 0 is 0. @throws ShapeError */
export function complexAbs(z: Tensor): Tensor {
  const [re, im] = partsOf('complexAbs', z)
  if (!isHeard()) return hypot(re, im)
  return tidy(() => {
    const isZero = re.eq(0).logicalAnd(im.eq(0))
    return isZero.where(0, hypot(isZero.where(1, re), im))
  })
}

/** Angles from the real axis in radians, in (−π, π]: [..., 2] → [...]. @throws ShapeError */
export function angle(z: Tensor): Tensor {
  const [re, im] = partsOf('angle', z)
  return atan2(im, re)
}
