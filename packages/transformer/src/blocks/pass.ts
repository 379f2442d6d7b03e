// One run through a model: what it takes along from layer to layer, and what it notes on the way for those who look.
import { cumsum, type DType, ShapeError, slice, type Tensor, tensor } from '@x/tensor'
import { checkOptions, show } from '@x/tensor/op'
import type { KVCache } from './cache.ts'

/** Which attention a hook stands in. */
export interface Place {
  /** Counted from 0 in its stack. */
  readonly layer: number
  readonly stack: 'decoder' | 'encoder'
  readonly kind: 'self' | 'cross'
}

/** Functions that see what passes, and may put something else in its place by returning it. */
export interface Hooks {
  /** Weights [B, H, T, S], whose rows add up to 1. With it attention goes its composed way. */
  readonly attention?: (weights: Tensor, place: Place) => Tensor | void
  /** What each head found [B, H, T, D], before the heads are mapped together. */
  readonly head?: (y: Tensor, place: Place) => Tensor | void
  /** What leaves a block [B, T, E]. */
  readonly block?: (x: Tensor, place: Omit<Place, 'kind'>) => Tensor | void
  /** Layers that are meant, and must be there. Default: none in particular. */
  readonly layers?: readonly number[]
}

/** What to note. */
export interface TraceOptions {
  /** What enters the first block of a stack, and what leaves each. Default false. */
  readonly hiddenStates?: boolean
  /** The weights of every attention. Default false. */
  readonly attentions?: boolean
  /** What every head found. Default false. */
  readonly heads?: boolean
  readonly hooks?: Hooks
}

/** What was noted of one stack of blocks. */
export interface StackTrace {
  /** Of each layer l what enters it [B, T, E], and at the end what leaves the last, before any norm behind. */
  readonly hiddenStates: Tensor[]
  /** [B, H, T, S] of each layer. */
  readonly attentions: Tensor[]
  readonly crossAttentions: Tensor[]
  /** [B, H, T, D] of each layer. */
  readonly heads: Tensor[]
  readonly crossHeads: Tensor[]
}

const emptyTrace = (): StackTrace => ({
  hiddenStates: [],
  attentions: [],
  crossAttentions: [],
  heads: [],
  crossHeads: [],
})

export const TRACE_OPTIONS: readonly string[] = ['hiddenStates', 'attentions', 'heads', 'hooks']

/** Notes what is wanted of both stacks of a model, and lets hooks act. */
export class Trace {
  readonly wanted: TraceOptions
  readonly decoder: StackTrace = emptyTrace()
  readonly encoder: StackTrace = emptyTrace()
  /** The last layer that was seen. */
  private last = -1

  /** @throws TypeError, RangeError for hooks that are none */
  constructor(wanted: TraceOptions = {}) {
    this.wanted = wanted
    if (!wanted.hooks) return
    checkOptions('hooks', wanted.hooks, ['attention', 'head', 'block', 'layers'])
    for (const [name, hook] of Object.entries(wanted.hooks)) {
      if (name === 'layers' ? !Array.isArray(hook) : hook !== undefined && typeof hook !== 'function')
        throw new TypeError(`hooks: ${name} is ${hook}, not a ${name === 'layers' ? 'list' : 'function'}`)
    }
  }

  /** At the end of a run. @throws RangeError for hooks of a layer that there is not */
  finish(): void {
    const beyond = this.wanted.hooks?.layers?.find((layer) => layer > this.last)
    if (beyond !== undefined)
      throw new RangeError(`hooks: there is no layer ${beyond}; the layers are 0 to ${this.last}`)
  }

  /** Whether weights are looked at, which the fused attention never has. */
  get needsWeights(): boolean {
    return Boolean(this.wanted.attentions || this.wanted.hooks?.attention)
  }

  /** Whether single heads are looked at. */
  get needsHeads(): boolean {
    return Boolean(this.wanted.heads || this.wanted.hooks?.head)
  }

  weights(w: Tensor, place: Place): Tensor {
    const y = sameShaped(this.wanted.hooks?.attention?.(w, place), w, 'attention')
    if (this.wanted.attentions) this[place.stack][place.kind === 'self' ? 'attentions' : 'crossAttentions'].push(y)
    return y
  }

  head(x: Tensor, place: Place): Tensor {
    const y = sameShaped(this.wanted.hooks?.head?.(x, place), x, 'head')
    if (this.wanted.heads) this[place.stack][place.kind === 'self' ? 'heads' : 'crossHeads'].push(y)
    return y
  }

  enter(x: Tensor, stack: Place['stack']): void {
    if (this.wanted.hiddenStates) this[stack].hiddenStates.push(x)
  }

  leave(x: Tensor, layer: number, stack: Place['stack']): Tensor {
    this.last = Math.max(this.last, layer)
    const y = sameShaped(this.wanted.hooks?.block?.(x, { layer, stack }), x, 'block')
    this.enter(y, stack)
    return y
  }
}

function sameShaped(y: Tensor | void, x: Tensor, hook: string): Tensor {
  if (!y) return x
  if (show(y.shape) === show(x.shape)) return y
  throw new ShapeError(`hooks.${hook}: returned ${show(y.shape)} in the place of ${show(x.shape)}`)
}

/** Added to scores that do not count. Finite, so that a row of padding, which sees nothing, has no NaN to spread. */
export const HIDDEN = -1e30

export interface Causality {
  /** Queries. */
  readonly T: number
  /** Keys. */
  readonly S: number
  /** Position of the first query among the keys. */
  readonly start: number
  /** How many keys back a query sees; without it, all. */
  readonly window?: number | null
}

/** Numbers to add to the scores: 0 where query i sees key j ≤ start + i within the window. [1, 1, T, S] */
function future({ T, S, start, window }: Causality, dtype: DType): Tensor {
  const values = new Float32Array(T * S)
  for (let i = 0; i < T; i++) {
    const at = start + i
    values.fill(HIDDEN, i * S + Math.min(S, at + 1), (i + 1) * S)
    if (window) values.fill(HIDDEN, i * S, i * S + Math.max(0, Math.min(S, at - window + 1)))
  }
  return tensor(values, { shape: [1, 1, T, S] }).cast(dtype)
}

/** Numbers to add for a mask of tokens that are there [B, S]: [B, 1, 1, S]. */
export function paddingMask(mask: Tensor, dtype: DType): Tensor {
  const [B, S] = mask.shape
  return mask.ne(0).where(0, HIDDEN).cast(dtype).reshape([B, 1, 1, S])
}

/** What attention is told of who sees whom. */
export interface Visibility {
  /** Added to the scores: [B or 1, H or 1, T or 1, S]. */
  readonly mask: Tensor | null
  /** Whether query i sees keys j ≤ i alone, in addition. */
  readonly causal: boolean
}

/** Who sees whom in a decoder. @param padding which of the S keys are tokens [B, S] */
export function causalVisibility(c: Causality, padding: Tensor | null, dtype: DType): Visibility {
  if (padding && (padding.ndim !== 2 || padding.shape[1] !== c.S)) {
    throw new ShapeError(`attentionMask ${show(padding.shape)} is not [B, ${c.S}], a number for each token there is`)
  }
  const given = padding ? paddingMask(padding, dtype) : null
  const isNarrow = Boolean(c.window && c.S > c.window)
  // One query, the last: it sees everything. Queries from the start: the fused attention knows that form.
  if (!isNarrow && c.T === 1) return { mask: given, causal: false }
  if (!isNarrow && c.start === 0) return { mask: given, causal: true }
  const own = future(c, dtype)
  return { mask: given ? given.add(own) : own, causal: false }
}

/** How a decoder is run. */
export interface RunOptions {
  /** Which tokens are real: 1, and 0 for padding, over all tokens there are so far [B, S]. Default: all. */
  readonly attentionMask?: Tensor | null
  /** Positions of the tokens [B, T] or [1, T], int32. Default: as they follow each other, not counting padding. */
  readonly positionIds?: Tensor | null
  /** Keys and values of the tokens before, to which those of these are added. Default: none. */
  readonly cache?: KVCache | null
}

export const RUN_OPTIONS: readonly string[] = ['attentionMask', 'positionIds', 'cache']

/** One run through a stack of blocks. */
export interface Pass extends Visibility {
  readonly stack: Place['stack']
  readonly trace: Trace | null
  readonly cache: KVCache | null
  /** The last layer, where only the last position of its result is asked for. */
  readonly lastOf?: number
}

/** Of queries or states [B, T, ...] in a layer those that go on: all, or the last where nothing depends on the others. */
export const goingOn = (x: Tensor, layer: number, { lastOf }: Pass): Tensor =>
  layer === lastOf ? x.at(slice(), slice(-1)) : x

/** What leaves a block, noted and replaced if somebody wishes. */
export const leave = (x: Tensor, layer: number, { trace, stack }: Pass): Tensor =>
  trace ? trace.leave(x, layer, stack) : x

/** Positions of tokens [B, T] that do not count padding, from the mask of all tokens there are [B, S]. */
export function positionsOf(mask: Tensor, T: number): Tensor {
  const S = mask.shape[1]
  return cumsum(mask.ne(0).cast('int32'), 1)
    .sub(1)
    .maximum(0)
    .at(slice(), slice(S - T))
}
