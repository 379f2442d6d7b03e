// tidy, keep, dispose: when memory goes back without waiting for the garbage collector.
import { requireFunction, wrongKind } from '../options.ts'
import { Tensor } from '../tensor.ts'
import {
  currentArena,
  currentOwner,
  freeStorage,
  isHeld,
  keepStorage,
  type Owner,
  passTo,
  type Storage,
  setOwner,
} from './storage.ts'

class Scope implements Owner {
  readonly born: Storage[] = []
}

/**
 * The result of `fn`; every tensor made inside that cannot be reached from the result is freed.
 *
 * Tensors reachable from the result (through arrays, plain objects, maps, sets and class instances) pass to the
 * enclosing tidy, or outside of any, to the garbage collector. If `fn` throws, all it made is freed.
 * Inside a function that is being differentiated, what gradients still need is freed once they are computed.
 *
 * @throws TypeError when `fn` is asynchronous: its tensors would be freed while it still runs
 * @example
 * import { tensor, tidy } from '@x/tensor'
 * const y = tidy(() => tensor([1, 2, 3]).mul(2).add(1)) // the product is freed, the sum is kept
 */
export function tidy<T>(fn: () => T): T {
  requireFunction('tidy', 'fn', fn)
  const outer = currentOwner()
  if (outer && isHeld()) return fn()
  const scope = new Scope()
  setOwner(scope)
  try {
    const result = fn()
    if (result instanceof Promise) {
      throw new TypeError('tidy: fn must be synchronous; await outside, and tidy the parts between')
    }
    if (result !== undefined && result !== null && typeof result === 'object') release(result, scope, outer)
    return result
  } finally {
    setOwner(outer)
    const born = scope.born
    for (let i = 0; i < born.length; i++) {
      const storage = born[i]
      if (storage.owner === scope) freeStorage(storage)
    }
  }
}

function release(result: object, scope: Scope, outer: Owner | null): void {
  if (result instanceof Tensor) {
    if (result.storage.owner === scope) passTo(result.storage, outer)
    return
  }
  forEachTensor(result, (t) => {
    if (t.storage.owner === scope) passTo(t.storage, outer)
  })
}

/** Calls `visit` for every tensor reachable from `value`, each path once. */
export function forEachTensor(value: unknown, visit: (t: Tensor) => void, seen: Set<object> = new Set()): void {
  if (value === null || typeof value !== 'object' || seen.has(value) || ArrayBuffer.isView(value)) return
  seen.add(value)
  if (value instanceof Tensor) visit(value)
  else if (value instanceof Map) {
    for (const [k, v] of value) {
      forEachTensor(k, visit, seen)
      forEachTensor(v, visit, seen)
    }
  } else
    for (const v of Array.isArray(value) || value instanceof Set ? value : Object.values(value))
      forEachTensor(v, visit, seen)
}

/**
 * The same tensor, exempt from every tidy: it lives until it is disposed or nobody holds it any more.
 * For what outlasts a step: parameters, running statistics, replay buffers.
 */
export function keep<T extends Tensor>(x: T): T {
  if (currentArena())
    throw new Error('keep: inside a compiled function memory is reused at every replay; keep its results outside')
  if (!(x instanceof Tensor)) throw wrongKind('keep', 'x', x, 'tensor')
  keepStorage(x.storage)
  return x
}

/** Frees the tensors reachable from `value` now. Any later use is a DisposedError. Views share their memory. */
export function dispose(value: unknown): void {
  forEachTensor(value, (t) => freeStorage(t.storage))
}
