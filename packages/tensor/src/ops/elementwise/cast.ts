// Changing the dtype.

import { run } from '../../backend/launch.ts'
import { kernel as storage } from '../../backend/storageKernels.ts'
import { kernel as core } from '../../backend/tensorKernels.ts'
import { COMPUTING, checkDType, DTYPES, type DType, isFloating, SUFFIX } from '../../dtype.ts'
import { defineOp, temporary } from '../../record.ts'
import { pointer, type Tensor } from '../../tensor.ts'
import { copyTo, dense } from '../shape/contiguous.ts'

/**
 * Through which dtypes a cast goes when one of them only stores: halves are read as float32 and made from floats in one
 * rounding, small integers are read as and cut off from int32, int64 is read as what is asked for if there is a kernel.
 */
function nextOf(from: DType, to: DType): DType {
  if (isHalf(from)) return 'float32'
  if (isSmall(from)) return 'int32'
  if (from === 'int64') {
    if (to === 'uint8' || isSmall(to)) return 'int32'
    return isFloating(to) && to !== 'float32' ? 'float64' : to
  }
  if (isHalf(to)) return isFloating(from) ? to : 'float64'
  if (isSmall(to)) return from === 'int32' ? to : 'int32'
  if (to !== 'int64' || from === 'int32' || from === 'float64') return to
  return isFloating(from) ? 'float64' : 'int32'
}

const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16'
const isSmall = (dtype: DType): boolean => dtype === 'int8' || dtype === 'int16'

/** Writes `x` at contiguous `y` in the dtype of `y`, by as many kernels as it takes. */
function convert(x: Tensor, y: Tensor): void {
  let from = dense(x)
  while (from.dtype !== y.dtype) {
    const next = nextOf(from.dtype, y.dtype)
    const into = next === y.dtype ? y : temporary(y.shape, next)
    const to = next === 'bool' ? 'bool' : SUFFIX[next]
    const kernel = COMPUTING.includes(from.dtype) && COMPUTING.includes(next) ? core : storage
    run(kernel(`cast_${SUFFIX[from.dtype]}_${to}`), y.size, y.size, pointer(from), pointer(into))
    from = into
  }
}

const castOp = defineOp<{ dtype: DType }>({
  name: 'cast',
  inputs: ['x'],
  native: DTYPES,
  dtype: (_, { dtype }) => dtype,
  shape: ([x]) => x.shape,
  launch: ([x], y) => {
    if (SUFFIX[x.dtype] === SUFFIX[y.dtype] && y.dtype !== 'bool') copyTo(x, y)
    else convert(x, y)
  },
  grad: { x: ({ x, dy }) => dy.cast(x.dtype) },
})

/**
 * The same values as another dtype; `x` itself if it has it already.
 *
 * To floating dtypes the nearest value, halves to even, infinity beyond the range. From floats to integers, fractions are
 * cut off toward zero, int32 and int64 saturate, NaN gives 0, and the smaller integers take the low bits of that int32;
 * integers to narrower ones wrap. To bool, everything but 0 is true. int64 to bfloat16 is rounded to float64 first.
 * Gradients pass between floating dtypes only.
 * @throws DTypeError for an unknown dtype
 * @example
 * import { tensor } from '@x/tensor'
 * tensor([1 / 3]).cast('float16').item() // 0.333251953125
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkDType('cast', dtype)
  return x.dtype === dtype ? x : castOp([x], { dtype })
}
