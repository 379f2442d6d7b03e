// Steps of a loop, compiled: when they are recorded anew, and what shows that a recording would not do what they do.
import { compile, type Tensor } from '@x/tensor'
import { elements, listen } from '@x/tensor/op'
import type { Module } from '../module.ts'

/** A function of batches that is recorded for every combination of shapes that occurs, and replayed from then on. */
export interface CompiledSteps<A extends readonly Tensor[]> {
  run(...batch: A): Tensor
  /** Runs the part of a step that is the caller's own; while recording, its ops are written down. */
  listening<T>(fn: () => T): T
  /** To be called when code has run that may have changed what the steps do: they are recorded anew. */
  touched(): void
  /** Whether nothing is compiled, by wish or because it cannot be. */
  isEager(): boolean
  dispose(): void
}

/** Combinations of shapes that are recorded; a loop that meets more runs those as they are. */
const MOST_SHAPES = 8

/** Values of a constant that are compared. */
const MOST_VALUES = 4096

/**
 * Compiles the steps of a loop. A replay repeats what JavaScript decided while recording; so what is listened to is
 * recorded anew now and then (at calls 2, 8, 32 …), to see whether it comes to the same ops with the same numbers. Steps
 * that do not, that draw from Math.random or that change plain fields of the model are not compiled any more, which is said
 * on the console.
 * @param owner whose name the message bears
 */
export function compiledSteps<A extends readonly Tensor[]>(
  owner: string,
  model: Module<unknown>,
  step: (...batch: A) => Tensor,
  isCompiled: boolean,
): CompiledSteps<A> {
  /** What the last recording for each combination of shapes heard. */
  const known = new Map<string, readonly string[]>()
  /** Numbers of what lies outside of recordings: parameters, constants that were there before. */
  const outer = new Map<unknown, number>()
  let hearing: string[] | null = null
  let calls = 0
  /** The call that records anew. */
  let next = 2
  /** Whether something has differed once. */
  let isDoubtful = false
  /** Calls since `touched`, and whether there was but one before that. */
  let since = 0
  let isAlone = false
  let isEager = !isCompiled

  /** How a recording differs from the last one for the same shapes. */
  const difference = (shape: string, heard: readonly string[]): string | false => {
    const before = known.get(shape)
    known.set(shape, heard)
    // What is not listened to cannot be compared.
    if (heard.length === 0) next = Number.POSITIVE_INFINITY
    const at = before ? heard.findIndex((op, i) => op !== before[i]) : -1
    return at >= 0 && `they differ (${heard[at].split(' ')[0]})`
  }

  const compiled = compile((...batch: A): Tensor => {
    const heard: string[] = []
    const before = plainFields(model)
    const { random } = Math
    let draws = false
    hearing = heard
    Reflect.set(Math, 'random', () => {
      draws = true
      return random()
    })
    let y: Tensor
    try {
      y = step(...batch)
    } finally {
      Reflect.set(Math, 'random', random)
      hearing = null
    }
    const after = plainFields(model)
    const changed = Object.keys(after).find((path) => !Object.is(after[path], before[path]))
    const why = draws
      ? 'Math.random is called'
      : changed
        ? `the model's '${changed}' changes`
        : difference(shapesOf(batch), heard)
    if (why && (draws || isDoubtful)) {
      isEager = true
      console.warn(`${owner}: steps are not compiled, for ${why}; compile: false silences this`)
    } else if (why) {
      // Once may be something that was made at its first use; then the next call shows it.
      isDoubtful = true
      next = calls + 1
    }
    return y
  })

  /** What stands for a tensor that no op was heard to make. */
  const sourceOf = (x: Tensor): string => {
    const { storage } = x
    // In the recording's own memory: arguments, and what kernels make there at each replay, random numbers for instance.
    if (storage.block?.arena) return kindOf(x)
    // A constant that this step makes is told by its values, of many by the first. All else is there to stay.
    if (storage.owner) {
      const { view, start } = elements(x)
      return `${view.slice(start, start + Math.min(x.size, MOST_VALUES))}`
    }
    if (!outer.has(storage)) outer.set(storage, outer.size)
    return `#${outer.get(storage)}`
  }

  return {
    run(...batch) {
      calls++
      // A step that is not repeated before it is to be recorded anew is not worth the recording.
      const isOnce = since++ === 0 && isAlone
      if (isEager || isOnce || (known.size >= MOST_SHAPES && !known.has(shapesOf(batch)))) return step(...batch)
      if (calls >= next) {
        next = 4 * calls
        compiled.dispose()
      }
      const y = compiled(...batch)
      if (isEager) compiled.dispose()
      return y
    },
    listening(fn) {
      const heard = hearing
      if (!heard) return fn()
      const names = new Map<Tensor, string>()
      const result = listen(({ op, inputs, y, p, extra }) => {
        const from = inputs.map((x) => names.get(x) ?? sourceOf(x))
        heard.push(`${op.name} ${kindOf(y)} ${from} ${JSON.stringify(p, plain)}`)
        for (const made of [y, ...extra]) names.set(made, `${names.size}`)
      }, fn)
      // So that one of two lists that begin alike is not the same.
      heard.push('end')
      return result
    },
    touched() {
      isAlone = since <= 1
      since = 0
      known.clear()
      outer.clear()
      compiled.dispose()
    },
    isEager: () => isEager,
    dispose: compiled.dispose,
  }
}

/** Numbers, flags and texts in the fields of a model's modules, by path. */
function plainFields(model: Module<unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [path, m] of Object.entries(model.modules()))
    for (const [field, value] of Object.entries(m))
      if (Object(value) !== value) found[path ? `${path}.${field}` : field] = value
  return found
}

const kindOf = (x: Tensor): string => `${x.dtype}[${x.shape}]`

const shapesOf = (batch: readonly Tensor[]): string => `${batch.map(kindOf)}`

/** Settings as far as they are plain; what classes and functions hide is left out. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`
  return Object(value) !== value || /^Object$|Array$/.test(Object(value).constructor?.name) ? value : null
}
