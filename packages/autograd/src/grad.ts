// Gradients of functions, with respect to any tree of tensors.
import { DTypeError, ones, ShapeError, Tensor, tidy, zeros } from '@x/tensor'
import { isFloating, requireFunction, requireTensor, sameShape, scalar, show } from '@x/tensor/op'
import { Tape } from './tape.ts'
import { type GradientOf, leavesOf, mapTree } from './tree.ts'

/** The value of a function with what was derived from it. */
export interface ValueAndGrad<T> {
  /** What `fn` returned. */
  readonly value: Tensor
  /** Its gradient, in the structure of the parameters. */
  readonly grads: GradientOf<T>
}

/** The same with what the function gave beside its value. */
export interface ValueGradAndAux<T, A> extends ValueAndGrad<T> {
  /** What `fn` returned beside its value. */
  readonly aux: A
}

/**
 * The value of `fn` and its gradient with respect to `params`, whose structure the gradients have: a tensor, arrays
 * and plain objects of them, and modules, whose gradients come by name.
 *
 * Everything `fn` makes but its value is freed. Gradients are written with the same ops, so that calls nest for
 * higher derivatives. A parameter that does not matter has a gradient of zeros.
 *
 * @param fn returns a tensor with one element, computed from `params`, which it gets as its argument; or `[value, aux]`
 *   with anything beside it that is wanted too (parts of a loss, outputs), which `aux` of the result then is
 * @throws ShapeError when the value has more than one element; DTypeError when it or a parameter is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { valueAndGrad } from '@x/autograd'
 * const w = tensor([1, 2, 3])
 * const { value, grads } = valueAndGrad(() => w.square().sum(), w)
 * value.item() // 14
 * grads.toArray() // [2, 4, 6]
 */
export function valueAndGrad<T extends object, A>(
  fn: (params: T) => readonly [value: Tensor, aux: A],
  params: T,
): ValueGradAndAux<T, A>
export function valueAndGrad<T extends object>(fn: (params: T) => Tensor, params: T): ValueAndGrad<T>
export function valueAndGrad<T extends object>(
  fn: (params: T) => Tensor | readonly [Tensor, unknown],
  params: T,
): ValueAndGrad<T> {
  return differentiate('valueAndGrad', fn, params, (value) => one('valueAndGrad', value))
}

/**
 * The gradient of `fn` alone; see `valueAndGrad`.
 * @throws ShapeError when the value has more than one element; DTypeError when it or a parameter is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { grad } from '@x/autograd'
 * const x = tensor([1, 2])
 * grad((x) => x.pow(3).sum(), x).toArray() // [3, 12]
 * grad((x) => grad((x) => x.pow(3).sum(), x).sum(), x).toArray() // [6, 12]
 */
export function grad<T extends object>(fn: (params: T) => Tensor, params: T): GradientOf<T> {
  return tidy(() => differentiate('grad', fn, params, (value) => one('grad', value)).grads)
}

/**
 * The vector-Jacobian product: y = fn(params) of any shape, and the gradients of Σ y·dy.
 * @param dy weights of the shape of y
 * @throws ShapeError when dy does not have the shape of y; DTypeError when y or a parameter is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { vjp } from '@x/autograd'
 * const { value, grads } = vjp((x) => x.square(), tensor([1, 2]), tensor([10, 100]))
 * value.toArray() // [1, 4]
 * grads.toArray() // [20, 400]
 */
export function vjp<T extends object>(fn: (params: T) => Tensor, params: T, dy: Tensor): ValueAndGrad<T> {
  requireTensor('vjp', 'dy', dy)
  return differentiate('vjp', fn, params, (value) => {
    if (sameShape(value.shape, dy.shape)) return dy.cast(value.dtype)
    throw new ShapeError(`vjp: dy ${show(dy.shape)} needs the shape of y ${show(value.shape)}`)
  })
}

function differentiate<T extends object>(
  name: string,
  fn: (params: T) => Tensor | readonly [Tensor, unknown],
  params: T,
  start: (value: Tensor) => Tensor,
): ValueAndGrad<T> {
  requireFunction(name, 'fn', fn)
  const sources = leavesOf(name, params)
  return tidy(() => {
    const tape = new Tape(sources)
    let beside: { aux: unknown } | undefined
    const value = floatingValue(name, () =>
      tape.record(() => {
        const result = fn(params)
        if (!Array.isArray(result)) return result as Tensor
        beside = { aux: result[1] }
        return result[0]
      }),
    )
    const dy = start(value)
    // What is handed out beside the value must not be freed on the way.
    const gradients = tape.backward([[value, dy]], { last: beside === undefined })
    return { value, grads: treeOf(name, params, gradients, [value.storage, dy.storage]), ...beside }
  })
}

/**
 * The gradients in the structure of `params`: zeros for what does not matter.
 * @param foreign storages that belong to somebody else and are not to be handed out
 */
export function treeOf<T>(
  name: string,
  params: T,
  gradients: ReadonlyMap<Tensor, Tensor>,
  foreign: readonly unknown[] = [],
): GradientOf<T> {
  // Every gradient has memory of its own, though formulas may pass one tensor on to several.
  const handedOut = new Set<unknown>(foreign)
  const of = (x: Tensor): Tensor => {
    const known = gradients.get(x)
    if (!known) return zeros(x.shape, { dtype: x.dtype })
    const own = handedOut.has(known.storage) ? known.copy() : known
    handedOut.add(own.storage)
    return own
  }
  return mapTree(name, params, of) as GradientOf<T>
}

/** What `fn` returns. @throws TypeError, DTypeError unless that is a floating tensor */
export function floatingValue(name: string, fn: () => Tensor): Tensor {
  const value = fn()
  if (!(value instanceof Tensor)) throw new TypeError(`${name}: fn returned no tensor`)
  if (isFloating(value.dtype)) return value
  throw new DTypeError(`${name}: fn returned dtype ${value.dtype}; only floating tensors have gradients`)
}

/** The gradient of a scalar with respect to itself. @throws ShapeError unless there is one element */
export function one(name: string, value: Tensor): Tensor {
  // The one constant 1 that there is: formulas may know it, and spare themselves a product.
  if (value.ndim === 0) return scalar(1, value.dtype)
  if (value.size === 1) return ones(value.shape, { dtype: value.dtype })
  throw new ShapeError(
    `${name}: fn returned shape ${show(value.shape)}; reduce it to one element, with sum() or mean()`,
  )
}
