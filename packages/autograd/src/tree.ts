// What derivatives are taken with respect to: tensors, alone or in arrays, plain objects and modules.
import { DTypeError, ShapeError, Tensor } from '@x/tensor'
import { isFloating, sameShape, show } from '@x/tensor/op'

/** Anything that names its trainable tensors, such as a Module of @x/nn. */
export interface HasNamedParameters {
  /** The tensors by name. */
  namedParameters(): Readonly<Record<string, Tensor>>
}

/** Anything that lists its trainable tensors. */
export interface HasParameters {
  /** The tensors, each once. */
  parameters(): readonly Tensor[]
}

/** Tensors, alone or in arrays, plain objects and modules. */
export type Tree = Tensor | HasNamedParameters | HasParameters | readonly Tree[] | { readonly [key: string]: Tree }

/** The same tree with a gradient in place of each tensor; for a module, its gradients by name (or else as a list). */
export type GradientOf<T> = T extends Tensor
  ? Tensor
  : T extends { namedParameters(): infer N }
    ? { [K in keyof N]: Tensor }
    : T extends HasParameters
      ? Tensor[]
      : T extends object
        ? { -readonly [K in keyof T]: GradientOf<T[K]> }
        : never

/** The tensors of a tree in order. @throws TypeError, DTypeError naming the place of what is no floating tensor */
export function leavesOf(name: string, tree: unknown): Tensor[] {
  const leaves: Tensor[] = []
  mapTree(name, tree, (x, path) => {
    if (!isFloating(x.dtype)) {
      throw new DTypeError(`${name}: ${at(path)} has dtype ${x.dtype}; only floating tensors have gradients`)
    }
    leaves.push(x)
    return x
  })
  return leaves
}

/** The tensors of `directions` that stand where those of `tree` do. @throws ShapeError unless each is there and fits */
export function matching(name: string, tree: unknown, directions: unknown): Tensor[] {
  const given = new Map<string, Tensor>()
  mapTree(name, directions, (x, path) => {
    given.set(path.join('.'), x)
    return x
  })
  const found: Tensor[] = []
  mapTree(name, tree, (x, path) => {
    const t = given.get(path.join('.'))
    if (!t) throw new ShapeError(`${name}: the directions have no tensor for ${at(path)}`)
    if (!sameShape(t.shape, x.shape)) {
      throw new ShapeError(`${name}: the direction ${show(t.shape)} for ${at(path)} needs its shape ${show(x.shape)}`)
    }
    found.push(t.cast(x.dtype))
    return x
  })
  if (given.size === found.length) return found
  throw new ShapeError(`${name}: ${given.size} directions for ${found.length} parameters`)
}

type Path = readonly (string | number)[]

/** The tree with `f(x)` in place of each tensor. */
export function mapTree(name: string, tree: unknown, f: (x: Tensor, path: Path) => Tensor): unknown {
  const path: (string | number)[] = []
  const inside = (t: unknown, key: string | number): unknown => {
    path.push(key)
    const result = map(t)
    path.pop()
    return result
  }
  const map = (t: unknown): unknown => {
    if (t instanceof Tensor) return f(t, path)
    if (Array.isArray(t)) return t.map(inside)
    if (t === null || typeof t !== 'object' || t instanceof Map || t instanceof Set) {
      throw new TypeError(`${name}: ${at(path)} is ${t}, neither a tensor nor a list, object or module of tensors`)
    }
    const { namedParameters, parameters } = t as Partial<HasNamedParameters & HasParameters>
    if (typeof namedParameters !== 'function' && typeof parameters === 'function') return parameters.call(t).map(inside)
    const fields = typeof namedParameters === 'function' ? namedParameters.call(t) : t
    return Object.fromEntries(Object.entries(fields).map(([key, x]) => [key, inside(x, key)]))
  }
  return map(tree)
}

const at = (path: Path): string => (path.length === 0 ? 'the parameter' : `parameter '${path.join('.')}'`)
