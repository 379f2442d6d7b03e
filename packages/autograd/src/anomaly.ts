// Where NaN and infinities come from.
import { type Application, checkOptions, isFloating, listen, requireFunction } from '@x/tensor/op'
import { AnomalyError } from './anomalyError.ts'
import { Block } from './block.ts'

/** Options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Whether infinities that come of finite inputs count too. Default true. */
  infinities?: boolean
}

/**
 * The result of `fn`, in which no op, forward or in a gradient, may make a NaN of inputs without one, nor an infinity
 * of finite inputs. Reads back every result: for searching, not for training. Not inside a compiled function.
 *
 * NaN and infinities that are given (in data, as masks) are not reported, nor are those of `tensor`, `full` and such.
 *
 * @throws AnomalyError naming the op where the first was born, its inputs' shapes and the flat position; in a gradient,
 * also the op whose gradient it is; RangeError for an option that there is not
 * @example
 * import { tensor } from '@x/tensor'
 * import { detectAnomaly, grad } from '@x/autograd'
 * const x = tensor([4, 0])
 * try {
 *   detectAnomaly(() => grad(() => x.sqrt().sum(), x))
 * } catch (error) {
 *   error.message // 'div(a [2], b [2]) made Infinity at position 1, in the gradient of sqrt(x [2])'
 * }
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  requireFunction('detectAnomaly', 'fn', fn)
  checkOptions('detectAnomaly', options, ['infinities'])
  const { infinities = true } = options
  const result = listen((application) => inspect(application, infinities), fn)
  if (result instanceof Promise) throw new TypeError('detectAnomaly: fn must be synchronous')
  return result
}

function inspect(application: Application, infinities: boolean): void {
  const { inputs, y, p } = application
  if (!isFloating(y.dtype) || inputs.length === 0) return
  const values = y.data()
  for (const isBad of infinities ? [Number.isNaN, isNotFinite] : [Number.isNaN]) {
    const at = values.findIndex(isBad)
    if (at < 0 || inputs.some((x) => isFloating(x.dtype) && x.data().some(isBad))) continue
    // Inside a block, the op that did it speaks for itself.
    if (p instanceof Block) p.forward()
    throw new AnomalyError(`${values[at]} at position ${at}`, application)
  }
}

const isNotFinite = (x: number): boolean => !Number.isFinite(x)
