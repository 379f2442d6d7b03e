// Memory against recomputation.
import { defaultGenerator, type Generator, Tensor, tidy } from '@x/tensor'
import { assign, checkOptions, isFloating, isHeld, listen, requireFunction, unheard } from '@x/tensor/op'
import { announceBlock, Block } from './block.ts'
import { vjp } from './grad.ts'

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** Where `fn` draws random numbers from, if it does: it draws the same again. Default: the one that `manualSeed` seeds. */
  generator?: Generator
}

/**
 * `fn`, whose intermediate values are not held for gradients but computed again when these are due.
 *
 * Of each call only the inputs and the value stay in memory, for one more run of `fn`: of a network cut into n blocks,
 * n values and the inside of one block instead of all. Works with nested gradients and inside `compile`. What `fn`
 * uses besides its inputs (the parameters of layers) gets its gradients too. What `fn` does besides computing its
 * value, such as updating running statistics, it does twice.
 *
 * Source: Chen et al. 2016, arXiv:1604.06174.
 * @throws RangeError for an option that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { checkpoint, grad } from '@x/autograd'
 * const block = checkpoint((x) => x.sin().exp().square())
 * const x = tensor([0, 1])
 * grad(() => block(block(x)).sum(), x).shape // [2]
 */
export function checkpoint<A extends readonly Tensor[]>(
  fn: (...inputs: A) => Tensor,
  options: CheckpointOptions = {},
): (...inputs: A) => Tensor {
  requireFunction('checkpoint', 'fn', fn)
  checkOptions('checkpoint', options, ['generator'])
  const { generator = defaultGenerator() } = options
  return (...inputs) => {
    if (!isHeld()) return fn(...inputs)
    const { state } = generator
    const seed = unheard(() => state.copy())
    const { value, used } = unheard(() => tidy(() => observed(() => fn(...inputs))))
    const all = [...new Set([...inputs, ...used])].filter((x) => !x.isDisposed && isFloating(x.dtype))
    const again = (): Tensor => {
      const now = unheard(() => state.copy())
      assign(state, seed)
      try {
        return fn(...inputs)
      } finally {
        assign(state, now)
      }
    }
    const block = new Block(again, ({ dy }, wanted) => {
      const { grads } = vjp(
        again,
        all.filter((_, k) => wanted[k]),
        dy,
      )
      let next = 0
      return wanted.map((is) => (is ? grads[next++] : null))
    })
    return announceBlock('checkpoint', all, value, block)
  }
}

/** The value of `fn`, and every tensor it used or returned that no op inside had made. */
function observed(fn: () => Tensor): { value: Tensor; used: Tensor[] } {
  const made = new Set<Tensor>()
  const used = new Set<Tensor>()
  const use = (x: Tensor): void => {
    if (!made.has(x)) used.add(x)
  }
  const value = listen(({ inputs, y, extra }) => {
    inputs.forEach(use)
    for (const x of [y, ...extra]) made.add(x)
  }, fn)
  if (!(value instanceof Tensor)) throw new TypeError('checkpoint: fn returned no tensor')
  use(value)
  return { value, used: [...used] }
}
