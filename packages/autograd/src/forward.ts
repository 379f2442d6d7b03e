// Derivatives along directions, without rules of their own: the derivative of a reverse pass.
import { type Tensor, tidy, zeros } from '@x/tensor'
import { requireFunction } from '@x/tensor/op'
import { floatingValue, one, treeOf } from './grad.ts'
import { type Seed, Tape } from './tape.ts'
import { type GradientOf, leavesOf, matching } from './tree.ts'

/**
 * The Jacobian-vector product: y = fn(params), and how y changes when `params` move along `directions`.
 *
 *     tangent = d/dt fn(params + t·directions) at t = 0 = J·directions
 *
 * The reverse pass g(u) = Jᵀ·u is linear in u, so its own reverse pass along `directions` is J·directions: no op needs
 * a forward rule. It costs about two reverse passes. Where a `customGrad` is not linear in dy, its slope at dy = 0 counts.
 *
 * Source: J. Townsend 2017, "A new trick for calculating Jacobian vector products".
 * @param directions tensors in the structure of `params`, each of the shape of its parameter
 * @throws ShapeError when the directions do not fit; DTypeError when y or a parameter is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { jvp } from '@x/autograd'
 * const { value, tangent } = jvp((x) => x.square(), tensor([1, 2]), tensor([10, 100]))
 * value.toArray() // [1, 4]
 * tangent.toArray() // [20, 400]
 */
export function jvp<T extends object>(
  fn: (params: T) => Tensor,
  params: T,
  directions: GradientOf<T>,
): { readonly value: Tensor; readonly tangent: Tensor } {
  requireFunction('jvp', 'fn', fn)
  const sources = leavesOf('jvp', params)
  return tidy(() => {
    const along = matching('jvp', params, directions)
    const tape = new Tape(sources)
    const value = floatingValue('jvp', () => tape.record(() => fn(params)))
    const { back, u } = transposed(tape, value)
    const seeds = seedsOf(sources, back.gradients, along)
    const tangent = back.tape.backward(seeds, { last: true }).get(u) ?? zeros(value.shape, { dtype: value.dtype })
    return { value, tangent }
  })
}

/** The reverse pass of `tape` from `u` = 0 at `y`, itself on a tape. */
export function transposed(
  tape: Tape,
  y: Tensor,
): { u: Tensor; back: { tape: Tape; gradients: ReadonlyMap<Tensor, Tensor> } } {
  const u = zeros(y.shape, { dtype: y.dtype })
  const back = new Tape([u])
  return { u, back: { tape: back, gradients: back.record(() => tape.backward([[y, u]])) } }
}

/**
 * The Hessian-vector product H·v of a function with one element: the gradient of ∇fn·v, without H itself.
 * @param v tensors in the structure of `params`, as the result
 * @throws ShapeError when the value has more than one element, or v does not fit; DTypeError
 * @example
 * import { tensor } from '@x/tensor'
 * import { hvp } from '@x/autograd'
 * hvp((x) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 10])).toArray() // [6, 120]
 */
export function hvp<T extends object>(fn: (params: T) => Tensor, params: T, v: GradientOf<T>): GradientOf<T> {
  requireFunction('hvp', 'fn', fn)
  const sources = leavesOf('hvp', params)
  return tidy(() => {
    const along = matching('hvp', params, v)
    const [outer, inner] = [new Tape(sources), new Tape(sources)]
    const gradients = outer.record(() => {
      const value = floatingValue('hvp', () => inner.record(() => fn(params)))
      return inner.backward([[value, one('hvp', value)]])
    })
    return treeOf('hvp', params, outer.backward(seedsOf(sources, gradients, along), { last: true }))
  })
}

/** Starts from the gradient of each source, weighed with its direction; a source that stands twice counts twice. */
function seedsOf(
  sources: readonly Tensor[],
  gradients: ReadonlyMap<Tensor, Tensor>,
  directions: readonly Tensor[],
): Seed[] {
  return sources.flatMap((x, k) => {
    const g = gradients.get(x)
    return g ? [[g, directions[k]] as const] : []
  })
}
