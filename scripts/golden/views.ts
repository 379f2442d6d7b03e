// Views that cases apply to their inputs, and the indices they write down.
import { type Index, slice, type Tensor } from '@x/tensor'
import type { ViewStep } from './read.ts'

/** The input after the steps of `pre`. */
export function viewed(x: Tensor, steps: readonly ViewStep[]): Tensor {
  return steps.reduce(viewedOnce, x)
}

function viewedOnce(x: Tensor, [name, ...args]: ViewStep): Tensor {
  const [first, second, third, fourth] = args as number[]
  switch (name) {
    case 'permute':
      return x.permute(args[0] as number[])
    case 'transpose':
      return x.transpose(first, second)
    case 'slice':
      return along(x, first, slice(second, third, fourth))
    case 'select':
      return along(x, first, second)
    case 'expand':
      return x.expand(args[0] as number[])
    case 'unsqueeze':
      return x.unsqueeze(first)
    default:
      throw new Error(`there is no view '${name}'`)
  }
}

/** `x` indexed along one axis. */
export function along(x: Tensor, axis: number, index: Index): Tensor {
  const all: Index[] = x.shape.map(() => slice())
  all[axis < 0 ? axis + x.ndim : axis] = index
  return x.at(...all)
}

/** An index as cases write it: a position, null, '...', a slice, or the name of an input. */
export type RecordedIndex =
  | number
  | null
  | '...'
  | { slice: [number | null, number | null, number | null] }
  | { t: string }

/** An index as `at` takes it; tensors are among the inputs. */
export function indexWith(index: readonly RecordedIndex[], inputs: Readonly<Record<string, Tensor>>): Index[] {
  return index.map((i) => {
    if (i === null || typeof i !== 'object') return i
    return 'slice' in i ? slice(...i.slice) : inputs[i.t]
  })
}
