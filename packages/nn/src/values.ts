// What elements of tensors may be: looked at one by one.
import type { DType, Tensor } from '@x/tensor'
import { heap, pointer, runCheck } from '@x/tensor/op'

/** dtypes whose elements the heap shows. */
const VIEWED: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool']

/**
 * Looks at every element, also when a recording is replayed.
 * @param problem what is wrong with a value, or null
 * @throws RangeError naming the first that has a problem
 */
export function checkValues(what: string, x: Tensor, problem: (value: number, at: number) => string | null): void {
  // What is only stored is looked at as what holds all of its values.
  const seen = (VIEWED.includes(x.dtype) ? x : x.cast('float64')).contiguous()
  const { dtype, size } = seen
  const address = pointer(seen)
  runCheck(() => {
    const { i32, f32, f64, u8 } = heap
    const view = dtype === 'float32' ? f32 : dtype === 'float64' ? f64 : dtype === 'int32' ? i32 : u8
    const start = address / view.BYTES_PER_ELEMENT
    for (let i = 0; i < size; i++) {
      const wrong = problem(view[start + i], i)
      if (wrong !== null) throw new RangeError(`${what} ${view[start + i]} at position ${i} ${wrong}`)
    }
  })
}
