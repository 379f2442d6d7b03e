// Determinants, from the LU decomposition.
import { tidy } from '../../memory/scope.ts'
import { defineOp, unheard } from '../../record.ts'
import type { Shape } from '../../shape.ts'
import type { Tensor } from '../../tensor.ts'
import { where } from '../elementwise/binary.ts'
import { copyTo } from '../shape/contiguous.ts'
import { diagonal, eye } from '../shape/diagonal.ts'
import type { Factored } from './factors.ts'
import { factorsOf } from './lu.ts'
import { requireSquare, sidesOf, working } from './matrices.ts'
import { solveTransposed } from './solve.ts'

/** A number for each matrix, found from its factors beforehand: the record adds the gradient. */
interface Found extends Factored {
  readonly value: Tensor
}

const found = {
  inputs: ['a'],
  shape: (_: unknown, { value }: Found): Shape => value.shape,
  launch: (_: unknown, y: Tensor, { value }: Found): void => copyTo(value, y),
}

/** x [...] on the diagonals of n × n matrices. */
const onDiagonal = (x: Tensor, n: number): Tensor => eye(n, { dtype: x.dtype }).mul(x.reshape([...x.shape, 1, 1]))

const diagonalOf = (x: Tensor): Tensor => diagonal(x, { axis1: -2, axis2: -1 })

/** The sign of the permutation. */
const signOf = ({ lu, state }: Factored): Tensor => state.at('...', 1).cast(lu.dtype)

/** Stands for pivots that are 0: so little makes an inverse of a singular matrix exist, and changes no digit of its adjugate. */
const NEXT_TO_NOTHING = 2 ** -100

/** Factors with no pivot 0, and where there was one what their determinant is, which is 0 for other matrices. */
function regular(factors: Found): [Factored, Tensor] {
  const { lu, value } = factors
  const onIt = eye(sidesOf(lu)[0], { dtype: 'bool' })
  const near = { ...factors, lu: where(onIt.logicalAnd(lu.eq(0)), NEXT_TO_NOTHING, lu) }
  return [near, where(value.eq(0), diagonalOf(near.lu).prod(-1).mul(signOf(near)), 0)]
}

const detOp = defineOp<Found>({
  ...found,
  name: 'det',
  grad: {
    // d det = tr(adj(A) dA), and adj(A) = det(A) A⁻¹ also in the limit of a singular matrix.
    a: ({ a, y, dy }, factors) => {
      const [near, small] = unheard(() => regular(factors))
      return solveTransposed(a, onDiagonal(dy.mul(y.add(small)), sidesOf(a)[0]), near)
    },
  },
})

const logDetOp = defineOp<Found>({
  ...found,
  name: 'logAbsDet',
  grad: { a: ({ a, dy }, factors) => solveTransposed(a, onDiagonal(dy, sidesOf(a)[0]), factors) },
})

/**
 * The determinant: a [..., n, n] → [...]. float32, float64; differentiable, also at singular matrices.
 * @throws ShapeError unless the matrices are square
 * @example
 * import { tensor } from '@x/tensor'
 * import { det } from '@x/tensor/linalg'
 * det(tensor([[1, 2], [3, 4]])).item() // -2
 */
export function det(given: Tensor): Tensor {
  requireSquare('det', 'a', given)
  return tidy(() => {
    const [a, narrow] = working(given)
    const known = unheard(() => {
      const factors = factorsOf(a)
      return { ...factors, value: tidy(() => diagonalOf(factors.lu).prod(-1).mul(signOf(factors))) }
    })
    return narrow(detOp([a], known))
  })
}

/**
 * The determinant as sign (−1, 0 or 1) and natural logarithm of its magnitude, which does not overflow:
 * a [..., n, n] → sign [...], logabsdet [...]. Of a singular matrix they are 0 and −∞. float32, float64; the gradient of
 * the logarithm is A⁻ᵀ, that of the sign 0.
 * @throws ShapeError unless the matrices are square
 */
export function slogdet(given: Tensor): { readonly sign: Tensor; readonly logabsdet: Tensor } {
  requireSquare('slogdet', 'a', given)
  return tidy(() => {
    const [a, narrow] = working(given)
    const { sign, ...known } = unheard(() => {
      const factors = factorsOf(a)
      return {
        ...factors,
        ...tidy(() => {
          const d = diagonalOf(factors.lu)
          return { value: d.abs().log().sum(-1), sign: d.sign().prod(-1).mul(signOf(factors)) }
        }),
      }
    })
    return { sign: narrow(sign), logabsdet: narrow(logDetOp([a], known)) }
  })
}
