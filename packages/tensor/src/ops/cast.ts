// Changing the dtype.

import { SUFFIX } from '../backend/kernels.ts'
import { run } from '../backend/launch.ts'
import { kernel } from '../backend/tensorKernels.ts'
import { checkDType, type DType, isFloating } from '../dtype.ts'
import { defineOp } from '../record.ts'
import { pointer, type Tensor } from '../tensor.ts'
import { copyTo, dense } from './contiguous.ts'

const castOp = defineOp<{ dtype: DType }>({
  name: 'cast',
  inputs: ['x'],
  dtype: (_, { dtype }) => dtype,
  shape: ([x]) => x.shape,
  launch: ([x], y) => {
    if (SUFFIX[x.dtype] === SUFFIX[y.dtype] && y.dtype !== 'bool') copyTo(x, y)
    else {
      const to = y.dtype === 'bool' ? 'bool' : SUFFIX[y.dtype]
      run(kernel(`cast_${SUFFIX[x.dtype]}_${to}`), y.size, y.size, pointer(dense(x)), pointer(y))
    }
  },
  grad: { x: ({ x, dy }) => dy.cast(x.dtype) },
})

/**
 * The same values as another dtype; `x` itself if it has it already.
 * To integers, fractions are cut off toward zero and int32 saturates; to bool, everything but 0 is true.
 * Gradients pass between floating dtypes only.
 * @throws DTypeError for an unknown dtype
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkDType('cast', dtype)
  return x.dtype === dtype ? x : castOp([x], { dtype })
}

/** Whether gradients flow through a tensor of this dtype. */
export const carriesGradient = (x: Tensor): boolean => isFloating(x.dtype)
