// The factors L and U of matrices, as the kernels keep them.
import { run } from '../../backend/launch.ts'
import { family } from '../../backend/linalgKernels.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { copyTo } from '../shape/contiguous.ts'
import { checkState, countOf, sidesOf } from './matrices.ts'

/** A[order] = L U. */
export interface Factors {
  /** U on and above the diagonal, L below it, whose own diagonal is 1. */
  readonly lu: Tensor
  /** int32: which row of A each row of L U is. */
  readonly order: Tensor
}

/** With what the factorisation says of each matrix, int32 [..., 2]: the number of the first pivot that is 0, or 0, and the sign of the order. */
export interface Factored extends Factors {
  readonly state: Tensor
}

const kernels = family('lu')

/** Fills `lu`, `order` and `state`. @param name whom a pivot that is 0 is an error for; null where it is none */
export function factorInto(a: Tensor, { lu, order, state }: Factored, name: string | null): void {
  const [m, n] = sidesOf(a)
  copyTo(a, lu)
  const steps = a.size * Math.min(m, n)
  run(kernels[a.dtype], countOf(a), steps, pointer(lu), pointer(order), pointer(state), m, n)
  if (name !== null) checkState(name, state, 2, (pivot) => `is singular: pivot ${pivot} of its LU decomposition is 0`)
}
