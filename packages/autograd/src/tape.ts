// The tape: what was applied to tensors that matter, and the walk back over it.
import { InPlaceError, ShapeError, type Tensor, tidy } from '@x/tensor'
import {
  type Application,
  currentOwner,
  freeStorage,
  isFloating,
  isHeld,
  type Listener,
  listen,
  type Owner,
  type Storage,
  sameShape,
  show,
  sumTo,
} from '@x/tensor/op'
import { AnomalyError } from './anomalyError.ts'
import { Block } from './block.ts'

/** A tensor and the gradient that the walk back starts from there. */
export type Seed = readonly [y: Tensor, dy: Tensor]

export interface BackwardOptions {
  /** Whether this walk is the tape's last: then what lies behind it is freed on the way. Default false. */
  last?: boolean
  /** Hears of each application with its result's gradient and those that it gives its inputs. */
  visit?: (application: Application, dy: Tensor, gradients: readonly (Tensor | undefined)[]) => void
}

/** Writes down the applications that lead from `sources` to something. */
export class Tape {
  private readonly applications: Application[] = []
  private readonly tracked: Set<Tensor>
  /** Owns what the recorded function makes. */
  private readonly scope: Owner | null = currentOwner()

  constructor(sources: readonly Tensor[]) {
    this.tracked = new Set(sources)
  }

  /** Runs `fn` and writes down what it applies; no tidy inside frees what the way back needs. */
  record<T>(fn: () => T): T {
    return listen(this.hear, fn, { holds: true })
  }

  private readonly hear: Listener = (application) => {
    const { op, inputs, y } = application
    if (op.writes) this.refuse(application)
    if (op.grad === null || !isFloating(y.dtype)) return
    for (let i = 0; i < inputs.length; i++) {
      if (this.tracked.has(inputs[i]) && op.inputs[i] in op.grad) {
        this.tracked.add(y)
        this.applications.push(application)
        return
      }
    }
  }

  /** @throws InPlaceError for a write that would make the gradients of this tape wrong */
  private refuse({ op, inputs: [x, ...values] }: Application): void {
    const isSame = (t: Tensor): boolean => t.storage === x.storage
    const isSource = [...this.tracked].some(isSame)
    const isUsed = this.applications.some((a) => a.inputs.some(isSame) || isSame(a.y) || a.extra.some(isSame))
    const why = isSource
      ? 'a gradient is computed with respect to it, or to what it was computed from'
      : isUsed
        ? 'a gradient needs it as it is'
        : values.some((v) => this.tracked.has(v))
          ? 'a gradient is to flow through the values, and does not see writes'
          : null
    if (why === null) return
    throw new InPlaceError(
      `${op.name}: x ${show(x.shape)} cannot change here: ${why}; indexPut() returns a new tensor instead`,
    )
  }

  /** The vector-Jacobian product: gradients of the sum of all y·dy for the sources that matter to one of the y. */
  backward(seeds: readonly Seed[], { last = false, visit }: BackwardOptions = {}): Map<Tensor, Tensor> {
    // Whoever differentiates this walk again needs all of it.
    const frees = !isHeld()
    return tidy(() => {
      const gradients = new Gradients(frees ? currentOwner() : null)
      for (const [y, dy] of seeds) gradients.add(y, dy)
      for (let i = this.applications.length - 1; i >= 0; i--) {
        const application = this.applications[i]
        const dy = gradients.of.get(application.y)
        if (!dy) continue
        const found = this.pullBack(application, dy)
        visit?.(application, dy, found)
        for (let k = 0; k < found.length; k++) {
          const g = found[k]
          if (g) gradients.add(application.inputs[k], g)
        }
        gradients.drop(application.y)
        if (frees && last) this.release(application, seeds, gradients)
      }
      return gradients.of
    })
  }

  /** One gradient for each input that matters. */
  private pullBack(application: Application, dy: Tensor): (Tensor | undefined)[] {
    const { op, inputs, y, p, extra } = application
    const found: (Tensor | undefined)[] = new Array(inputs.length)
    try {
      if (p instanceof Block) {
        const wanted = inputs.map((x) => this.tracked.has(x))
        p.backward({ dy, y, inputs }, wanted).forEach((g, k) => {
          if (g && wanted[k]) found[k] = fit(op.name, g, inputs[k])
        })
        return found
      }
      const own = p as never // the record's own parameters, whatever their type
      const context: Record<string, Tensor> = {}
      op.inputs.forEach((name, k) => {
        context[name] = inputs[k]
      })
      op.extra?.(inputs, own).forEach(({ name }, k) => {
        context[name] = extra[k]
      })
      context.y = y
      context.dy = dy
      if (op.prepare) Object.assign(context, op.prepare(context, own))
      for (let k = 0; k < inputs.length; k++) {
        const formula = op.grad?.[op.inputs[k]]
        if (formula && this.tracked.has(inputs[k])) found[k] = fit(op.name, formula(context, own), inputs[k])
      }
      return found
    } catch (error) {
      if (error instanceof AnomalyError) error.happenedBehind(application)
      throw error
    }
  }

  /** Frees the results of an application, which only later ones have used. Views and what is not our own stay. */
  private release({ op, inputs, y, extra }: Application, seeds: readonly Seed[], gradients: Gradients): void {
    const { storage } = y
    if (!op.launch || inputs.some((x) => x.storage === storage) || seeds.some(([t]) => t.storage === storage)) return
    for (const x of [y, ...extra]) if (x.storage.owner === this.scope) gradients.free(x.storage)
  }
}

/** The gradients found so far; frees those that are done with, and what their formulas left behind. */
class Gradients {
  readonly of: Map<Tensor, Tensor> = new Map()
  /** How many of the gradients lie in a storage. */
  private readonly uses: Map<Storage, number> = new Map()
  /** Owns what is born on the walk; null when nothing is to be freed. */
  private readonly scope: Owner | null
  private swept = 0

  constructor(scope: Owner | null) {
    this.scope = scope
  }

  add(x: Tensor, g: Tensor): void {
    const known = this.of.get(x)
    const sum = known ? known.add(g) : g
    this.of.set(x, sum)
    this.uses.set(sum.storage, (this.uses.get(sum.storage) ?? 0) + 1)
    if (known) this.leave(known.storage)
  }

  /** Forgets the gradient of `y`, and with it everything that has been made so far and is no gradient. */
  drop(y: Tensor): void {
    const g = this.of.get(y) as Tensor
    this.of.delete(y)
    this.leave(g.storage)
    const { scope } = this
    if (!scope) return
    for (const { born } = scope; this.swept < born.length; this.swept++) {
      const storage = born[this.swept]
      if (storage.owner === scope) this.free(storage)
    }
  }

  /** Frees a storage, unless a gradient lies in it. */
  free(storage: Storage): void {
    if (!this.uses.has(storage)) freeStorage(storage)
  }

  private leave(storage: Storage): void {
    const left = (this.uses.get(storage) as number) - 1
    if (left > 0) this.uses.set(storage, left)
    else {
      this.uses.delete(storage)
      if (this.scope && storage.owner === this.scope) freeStorage(storage)
    }
  }
}

/** Undoes broadcasting and casting: a gradient has the shape and dtype of its tensor. */
function fit(name: string, g: Tensor, x: Tensor): Tensor {
  if (g.shape === x.shape && g.dtype === x.dtype) return g
  const lead = g.ndim - x.ndim
  if (lead < 0 || x.shape.some((n, i) => n !== 1 && n !== g.shape[lead + i])) {
    throw new ShapeError(`${name}: a gradient of shape ${show(g.shape)} does not belong to an input ${show(x.shape)}`)
  }
  const summed = sameShape(g.shape, x.shape) ? g : sumTo(g, x.shape)
  return summed.dtype === x.dtype ? summed : summed.cast(x.dtype)
}
