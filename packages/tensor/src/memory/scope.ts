// tidy, keep, dispose: when memory goes back without waiting for the garbage collector.
import { requireFunction } from '../options.ts'
import { requireTensor } from '../record.ts'
import { Tensor } from '../tensor.ts'
import { currentOwner, freeStorage, isHeld, keepStorage, type Owner, ownedBy, passTo, recording } from './storage.ts'

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
  const own: Owner = { born: [] }
  try {
    return ownedBy(own, () => {
      const result = fn()
      if (result instanceof Promise) {
        throw new TypeError('tidy: fn must be synchronous; await outside, and tidy the parts between')
      }
      forEachTensor(result, ({ storage }) => {
        if (storage.owner === own) passTo(storage, outer)
      })
      return result
    })
  } finally {
    const { born } = own
    for (let i = 0; i < born.length; i++) if (born[i].owner === own) freeStorage(born[i])
  }
}

/** Calls `visit` for every tensor reachable from `value`, through each object once. */
export function forEachTensor(value: unknown, visit: (t: Tensor) => void, seen?: Set<object>): void {
  if (value instanceof Tensor) visit(value)
  else if (value !== null && typeof value === 'object' && !seen?.has(value) && !ArrayBuffer.isView(value)) {
    const all = (seen ?? new Set()).add(value)
    const isIterable = Array.isArray(value) || value instanceof Set || value instanceof Map
    for (const v of isIterable ? value : Object.values(value)) forEachTensor(v, visit, all)
  }
}

/**
 * The same tensor, exempt from every tidy: it lives until it is disposed or nobody holds it any more.
 * For what outlasts a step: parameters, running statistics, replay buffers.
 */
export function keep<T extends Tensor>(x: T): T {
  if (recording)
    throw new Error('keep: inside a compiled function memory is reused at every replay; keep its results outside')
  requireTensor('keep', 'x', x)
  keepStorage(x.storage)
  return x
}

/** Frees the tensors reachable from `value` now. Any later use is a DisposedError. Views share their memory. */
export function dispose(value: unknown): void {
  forEachTensor(value, (t) => freeStorage(t.storage))
}
