// The error of detectAnomaly.
import type { Application } from '@x/tensor/op'
import { show } from '@x/tensor/op'

/** NaN or infinity where the inputs had none. */
export class AnomalyError extends Error {
  override name = 'AnomalyError'
  /** The op that made it. */
  readonly op: string
  /** The op whose gradient was being computed; null in the forward direction. */
  behind: string | null = null

  constructor(what: string, application: Application) {
    super(`${signature(application)} made ${what}`)
    this.op = application.op.name
  }

  /** Tells that it happened while the gradient of `application` was computed. */
  happenedBehind(application: Application): void {
    if (this.behind !== null) return
    this.behind = application.op.name
    this.message += `, in the gradient of ${signature(application)}`
  }
}

/** The op with its inputs and their shapes: `div(a [2], b [2])`. */
const signature = ({ op, inputs }: Application): string =>
  `${op.name}(${inputs.map((x, k) => `${op.inputs[k]} ${show(x.shape)}`).join(', ')})`
