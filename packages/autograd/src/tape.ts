// The tape: what was applied to tensors that matter, and the walk back over it.
import type { Tensor } from '@x/tensor'
import { type Application, isFloating, type Listener, sameShape, sumTo } from '@x/tensor/op'

/** Writes down the applications that lead from `sources` to something. */
export class Tape {
  private readonly applications: Application[] = []
  private readonly tracked: Set<Tensor>

  constructor(sources: readonly Tensor[]) {
    this.tracked = new Set(sources)
  }

  readonly record: Listener = (application) => {
    const { op, inputs, y } = application
    if (op.grad === null || !isFloating(y.dtype)) return
    for (let i = 0; i < inputs.length; i++) {
      if (this.tracked.has(inputs[i]) && op.inputs[i] in op.grad) {
        this.tracked.add(y)
        this.applications.push(application)
        return
      }
    }
  }

  /** Whether `y` depends on a source in a differentiable way. */
  reaches(y: Tensor): boolean {
    return this.tracked.has(y)
  }

  /** The vector-Jacobian product: gradients of Σ y·dy for every tensor on the way from the sources to `y`. */
  backward(y: Tensor, dy: Tensor): Map<Tensor, Tensor> {
    const gradients = new Map<Tensor, Tensor>([[y, dy]])
    for (let i = this.applications.length - 1; i >= 0; i--) {
      const application = this.applications[i]
      const g = gradients.get(application.y)
      if (g) this.pullBack(application, g, gradients)
    }
    return gradients
  }

  private pullBack({ op, inputs, y, p, extra }: Application, dy: Tensor, gradients: Map<Tensor, Tensor>): void {
    const context: Record<string, Tensor> = {}
    op.inputs.forEach((name, k) => {
      context[name] = inputs[k]
    })
    op.extra?.(inputs, p).forEach(({ name }, k) => {
      context[name] = extra[k]
    })
    context.y = y
    context.dy = dy
    if (op.prepare) Object.assign(context, op.prepare(context, p))
    for (let k = 0; k < inputs.length; k++) {
      const x = inputs[k]
      const formula = op.grad?.[op.inputs[k]]
      if (!formula || !this.tracked.has(x)) continue
      const g = fit(formula(context, p), x)
      const known = gradients.get(x)
      gradients.set(x, known ? known.add(g) : g)
    }
  }
}

/** Undoes broadcasting and casting: a gradient has the shape and dtype of its tensor. */
function fit(g: Tensor, x: Tensor): Tensor {
  const summed = sameShape(g.shape, x.shape) ? g : sumTo(g, x.shape)
  return summed.dtype === x.dtype ? summed : summed.cast(x.dtype)
}
