// Triangular systems.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/linalgKernels.ts'
import { ShapeError } from '../../errors.ts'
import { tidy } from '../../memory/scope.ts'
import { checkOptions } from '../../options.ts'
import { defineOp, type OpFunction } from '../../record.ts'
import { show } from '../../shape.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { floating } from '../elementwise/rules.ts'
import { copyTo, dense } from '../shape/contiguous.ts'
import { tril, triu } from '../shape/diagonal.ts'
import { alongside, countOf, flipped, requireMatrices, requireSquare, sidesOf, workingIn } from './matrices.ts'

interface Triangle {
  /** Which half of a counts. */
  readonly upper: boolean
  /** The diagonal is 1, whatever stands there. */
  readonly unit: boolean
  /** The transpose of that half stands on the left. */
  readonly transposed: boolean
}

const kernels = family('triangular')

const op: OpFunction<Triangle> = defineOp<Triangle>({
  name: 'solveTriangular',
  inputs: ['a', 'b'],
  cast: floating,
  shape: ([, b]) => b.shape,
  launch: ([a, b], x, { upper, unit, transposed }) => {
    const turned = flipped(a)
    const isTurned = !a.isContiguous && turned.isContiguous
    const [n, columns] = sidesOf(b)
    copyTo(b, x)
    run(
      kernels[x.dtype],
      countOf(b),
      x.size * n,
      pointer(isTurned ? turned : dense(a)),
      pointer(x),
      n,
      columns,
      Number(upper !== isTurned),
      Number(unit),
      Number(transposed !== isTurned),
    )
  },
  prepare: ({ a, dy }, p) => ({ g: op([a, dy], { ...p, transposed: !p.transposed }) }),
  grad: {
    a: ({ y, g }, { upper, unit, transposed }) => {
      const full = (transposed ? y.matmul(g.mT) : g.matmul(y.mT)).neg()
      return upper ? triu(full, unit ? 1 : 0) : tril(full, unit ? -1 : 0)
    },
    b: ({ g }) => g,
  },
})

/** X with T X = B for matrices of the same batch. */
export function triangularSolve(t: Tensor, b: Tensor, p: Partial<Triangle>): Tensor {
  return op([t, b], { upper: false, unit: false, transposed: false, ...p })
}

export interface SolveTriangularOptions {
  /** Whether the upper half of a counts, else the lower one. */
  upper: boolean
  /** Whether a stands on the left, A X = B, else X A = B. Default true. */
  left?: boolean
  /** Whether the diagonal is 1, whatever stands there. Default false. */
  unitriangular?: boolean
}

/**
 * X with A X = B for triangular A. The other half of `a` is not looked at; a 0 on the diagonal gives infinities and NaN.
 * a [..., n, n], b [..., n, k] (with `left: false` [..., k, n]) → the shape of b; leading axes broadcast. float32,
 * float64; differentiable. Names and defaults as in torch.linalg.solve_triangular.
 * @throws ShapeError when sizes differ; RangeError for an unknown option
 * @example
 * import { tensor } from '@x/tensor'
 * import { solveTriangular } from '@x/tensor/linalg'
 * solveTriangular(tensor([[2, 0], [1, 4]]), tensor([[2], [9]]), { upper: false }).toArray() // [[1], [2]]
 */
export function solveTriangular(a: Tensor, b: Tensor, options: SolveTriangularOptions): Tensor {
  const name = 'solveTriangular'
  checkOptions(name, options ?? {}, ['upper', 'left', 'unitriangular'])
  const { upper, left = true, unitriangular: unit = false } = options ?? {}
  if (typeof upper !== 'boolean') throw new RangeError(`${name}: say which half of a counts: { upper: true } or false`)
  requireSquare(name, 'a', a)
  requireMatrices(name, 'b', b)
  const rows = b.shape[b.ndim - (left ? 2 : 1)]
  if (rows !== sidesOf(a)[0]) {
    throw new ShapeError(`${name}: a ${show(a.shape)} and b ${show(b.shape)} differ (${sidesOf(a)[0]} ≠ ${rows})`)
  }
  return tidy(() => {
    const dtype = floating([a, b])
    const own = workingIn(sidesOf(a)[0], dtype)
    const [t, x] = alongside(name, a.cast(own), left ? b.cast(own) : b.mT.cast(own))
    const y = triangularSolve(t, x, { upper, unit, transposed: !left }).cast(dtype)
    return left ? y : y.mT
  })
}
