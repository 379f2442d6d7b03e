// Gradients of functions, with respect to any tree of tensors.
import { DTypeError, ones, ShapeError, Tensor, tidy, zeros } from '@x/tensor'
import { isFloating, listen, sameShape, show } from '@x/tensor/op'
import { Tape } from './tape.ts'

/** Tensors, alone or in arrays and plain objects. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree }

/** The same tree with a gradient in place of each tensor. */
export type GradientOf<T> = T extends Tensor
  ? Tensor
  : T extends object
    ? { -readonly [K in keyof T]: GradientOf<T[K]> }
    : never

/**
 * The value of `fn` and its gradient with respect to `params`, whose structure the gradients have.
 *
 * Everything `fn` makes but its value is freed. Gradients are written with the same ops, so that calls nest for
 * higher derivatives. A parameter that does not matter has a gradient of zeros.
 *
 * @param fn returns a tensor with one element, computed from `params`
 * @throws ShapeError when the value has more than one element; DTypeError when a parameter is not floating
 * @example
 * import { tensor } from '@x/tensor'
 * import { valueAndGrad } from '@x/autograd'
 * const w = tensor([1, 2, 3])
 * const { value, grads } = valueAndGrad(() => w.square().sum(), w)
 * value.item() // 14
 * grads.toArray() // [2, 4, 6]
 */
export function valueAndGrad<T extends object>(fn: () => Tensor, params: T): { value: Tensor; grads: GradientOf<T> } {
  return differentiate('valueAndGrad', fn, params, (value) => {
    if (value.size === 1) return ones(value.shape, { dtype: value.dtype })
    throw new ShapeError(
      `valueAndGrad: fn returned shape ${show(value.shape)}; reduce it to one element, with sum() or mean()`,
    )
  })
}

/** The gradient of `fn` alone; see `valueAndGrad`. */
export function grad<T extends object>(fn: () => Tensor, params: T): GradientOf<T> {
  return tidy(() => valueAndGrad(fn, params).grads)
}

/**
 * The vector-Jacobian product: y = fn() of any shape, and the gradients of Σ y·dy.
 * @throws ShapeError when dy does not have the shape of y
 */
export function vjp<T extends object>(
  fn: () => Tensor,
  params: T,
  dy: Tensor,
): { value: Tensor; grads: GradientOf<T> } {
  return differentiate('vjp', fn, params, (value) => {
    if (sameShape(value.shape, dy.shape)) return dy.cast(value.dtype)
    throw new ShapeError(`vjp: dy ${show(dy.shape)} needs the shape of y ${show(value.shape)}`)
  })
}

function differentiate<T extends object>(
  name: string,
  fn: () => Tensor,
  params: T,
  start: (value: Tensor) => Tensor,
): { value: Tensor; grads: GradientOf<T> } {
  const sources = leaves(params as Tree)
  return tidy(() => {
    const tape = new Tape(sources)
    const value = listen(tape.record, fn, { holds: true })
    if (!(value instanceof Tensor)) throw new TypeError(`${name}: fn returned no tensor`)
    const dy = start(value)
    const gradients = tape.reaches(value) ? tape.backward(value, dy) : new Map<Tensor, Tensor>()
    const grads = mapTree(params as Tree, (x) => gradients.get(x) ?? zeros(x.shape, { dtype: x.dtype }))
    return { value, grads: grads as unknown as GradientOf<T> }
  })
}

function leaves(tree: Tree): Tensor[] {
  const found: Tensor[] = []
  mapTree(tree, (x) => {
    if (!isFloating(x.dtype))
      throw new DTypeError(`valueAndGrad: a parameter has dtype ${x.dtype}; only floating tensors have gradients`)
    found.push(x)
    return x
  })
  return found
}

function mapTree(tree: Tree, f: (x: Tensor) => Tensor): Tree {
  if (tree instanceof Tensor) return f(tree)
  if (Array.isArray(tree)) return tree.map((t: Tree) => mapTree(t, f))
  if (tree === null || typeof tree !== 'object')
    throw new TypeError(`valueAndGrad: ${tree} among the parameters is not a tensor`)
  return Object.fromEntries(Object.entries(tree).map(([k, t]) => [k, mapTree(t as Tree, f)]))
}
