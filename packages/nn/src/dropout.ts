// Dropout as an op: a random mask from the generator's stream, saved for the gradient.
import { defaultGenerator, type Generator, type Tensor } from '@x/tensor'
import { defineOp, dense, floating, type OpFunction, pointer, run } from '@x/tensor/op'
import { family } from './kernels.ts'

const forward = family('dropout')
const scaleKernels = family('maskScale')

const maskScale: OpFunction<number> = defineOp<number>({
  name: 'maskScale',
  inputs: ['x', 'mask'],
  shape: ([x]) => x.shape,
  launch: ([x, mask], y, scale) => {
    run(scaleKernels[y.dtype], y.size, y.size, pointer(dense(x)), pointer(mask), pointer(y), scale)
  },
  grad: { x: ({ dy, mask }, scale) => maskScale([dy, mask], scale) },
})

interface Chance {
  readonly p: number
  readonly generator: Generator
}

const dropoutOp: OpFunction<Chance> = defineOp<Chance>({
  name: 'dropout',
  inputs: ['x'],
  cast: floating,
  shape: ([x]) => x.shape,
  extra: ([x]) => [{ name: 'mask', dtype: 'bool', shape: x.shape }],
  launch: ([x], y, { p, generator }, [mask]) => {
    const { size } = y
    run(forward[y.dtype], size, size * 12, pointer(generator.state), pointer(dense(x)), pointer(y), pointer(mask), p)
    generator.advance(size)
  },
  grad: { x: ({ dy, mask }, { p }) => maskScale([dy, mask], p === 1 ? 0 : 1 / (1 - p)) },
})

export interface DropoutOptions {
  /** Where the random numbers come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * Sets each element to 0 with probability p and scales the others by 1/(1 − p), so that the expectation stays.
 * Source: Srivastava et al. 2014, JMLR 15.
 * @param p 0 to 1
 * @throws RangeError
 */
export function dropout(x: Tensor, p = 0.5, { generator = defaultGenerator() }: DropoutOptions = {}): Tensor {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: p ${p} is not from 0 to 1`)
  return p === 0 ? x : dropoutOp([x], { p, generator })
}
