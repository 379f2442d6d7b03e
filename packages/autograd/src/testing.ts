// @x/autograd/testing: gradients of an op's cases against finite differences, and whether there are any.
import { type DType, type Tensor, tidy } from '@x/tensor'
import { type Application, isFloating, listen } from '@x/tensor/op'
import { makeInput, type OpCase } from '@x/tensor/testing'
import { gradcheck } from './numeric.ts'

type AnyRecord = Application['op']

/** Elements above which finite differences take too long to be worth it. */
const MOST_ELEMENTS = 150

/**
 * Compares a case's first and second derivatives, in float64, with finite differences.
 * Cases that are large, empty or declared not differentiable pass.
 * @throws Error naming the input and the element
 */
export function checkGradient(c: OpCase): void {
  tidy(() => {
    const inputs = c.inputs.map((spec, i) => makeInput(spec, 'float64', i + 1))
    const candidates = c.differentiable ?? inputs.map((_, i) => i)
    const which = candidates.filter((i) => isFloating(inputs[i].dtype) && inputs[i].size > 0)
    const size = inputs.reduce((n, x) => n + x.size, 0)
    if (!c.dtypes.includes('float64') || which.length === 0 || size > MOST_ELEMENTS) return
    const fn = (...moved: Tensor[]): Tensor => {
      const all = [...inputs]
      which.forEach((i, k) => {
        all[i] = moved[k]
      })
      return c.run(...all).cast('float64')
    }
    if (fn(...which.map((i) => inputs[i])).size === 0) return
    const chosen = which.map((i) => inputs[i])
    // A cast to float32 on the way leaves no more than its digits.
    const coarse =
      c.run(...inputs).dtype === 'float32'
        ? { eps: 1e-3, rtol: 1e-2, atol: 1e-2 }
        : { eps: 1e-5, rtol: 1e-4, atol: 1e-6 }
    gradcheck(fn, chosen, { ...coarse, second: size <= 40 })
  })
}

/**
 * Where gradients end without need among the ops applied while `fn` runs: floating inputs of floating results that have
 * no formula, as `op.input`.
 */
export function missingGradients(fn: () => void): string[] {
  const missing = new Set<string>()
  listen(
    ({ op, inputs, y }) => {
      if (!isFloating(y.dtype)) return
      inputs.forEach((x, k) => {
        const input = op.inputs[k]
        if (isFloating(x.dtype) && !(op.grad && input in op.grad)) missing.add(`${op.name}.${input}`)
      })
    },
    () => tidy(fn),
  )
  return [...missing].sort()
}

/**
 * The records without any gradient whose results may be floating, by name: what has to be declared not differentiable.
 * Comparisons and positions, whose results are bool or integer whatever the inputs are, have none by nature.
 */
export function withoutGradients(records: Iterable<AnyRecord>): string[] {
  const bare = [...records].filter((op) => op.grad === null && op.inputs.length > 0 && mayBeFloating(op))
  return bare.map(({ name }) => name).sort()
}

function mayBeFloating({ cast, dtype = cast }: AnyRecord): boolean {
  if (!dtype) return true
  try {
    return isFloating((dtype as unknown as () => DType)())
  } catch {
    return true // it depends on the inputs
  }
}
