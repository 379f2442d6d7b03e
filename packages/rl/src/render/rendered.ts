// What the environments of this package share: a seeded generator, and the three ways to show themselves.
import type { Env, EnvSpec, Info, Rendered, RenderMode, ResetOptions, StepResult } from '../env/env.ts'
import { knownOptions, knownResetOptions, resetNeeded } from '../env/errors.ts'
import { finite, oneOf } from '../env/numbers.ts'
import { type NumpyGenerator, npRandom } from '../random/generator.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Space } from '../spaces/space.ts'
import type { Drawing } from './drawing.ts'
import { rasterize } from './raster.ts'

export interface RenderOptions {
  /** What `render` gives: 'ansi' text, 'commands' for a canvas, 'rgb' pixels. Default null: nothing */
  renderMode?: RenderMode | null
}

/** Base of the environments that ship with this package; your own need none. */
export abstract class BuiltInEnv<O, A, S = unknown> implements Env<O, A> {
  abstract readonly observationSpace: Space<O>
  abstract readonly actionSpace: Space<A>
  readonly renderMode: RenderMode | null
  spec: EnvSpec | null = null
  private generator: NumpyGenerator | null = null

  constructor(renderMode: RenderMode | null | undefined, name: string) {
    this.renderMode = renderMode ?? null
    if (this.renderMode !== null) oneOf(`${name}: renderMode`, this.renderMode, ['ansi', 'commands', 'rgb'])
  }

  abstract reset(options?: ResetOptions): [observation: O, info: Info]
  abstract step(action: A): StepResult<O>
  /** What there is to show; null before the first reset. */
  protected abstract shown(): S | null
  /** It as a picture. */
  protected abstract draw(s: S): Drawing
  /** It as text. */
  protected abstract text(s: S): string

  /** The generator, NumPy's with the seed of the last `reset({ seed })`. */
  get npRandom(): NumpyGenerator {
    if (this.generator === null) this.reseed(undefined)
    return this.generator as NumpyGenerator
  }

  set npRandom(generator: NumpyGenerator) {
    this.generator = generator
  }

  /** What every `reset` begins with. @throws RangeError for an unknown option, TypeError for a seed in place of options */
  protected beginReset(given: ResetOptions | undefined, name: string, known: readonly string[] = []): void {
    knownResetOptions(`${name}.reset`, given)
    knownOptions(`${name}.reset`, given?.options, known)
    if (given?.seed !== undefined) this.reseed(given.seed)
  }

  private reseed(seed: Seed | undefined): void {
    this.generator = npRandom(seed)[0]
  }

  /** The state in the mode of `renderMode`; null without one. @throws ResetNeededError */
  render(): Rendered {
    if (this.renderMode === null) return null
    const s = this.shown()
    if (s === null) throw resetNeeded(this.spec?.id ?? this.constructor.name, 'render')
    if (this.renderMode === 'ansi') return this.text(s)
    const drawing = this.draw(s)
    return this.renderMode === 'commands' ? drawing : rasterize(drawing)
  }

  close(): void {}
}

/** The bounds that classic-control resets take as options: `{ low, high }`. @throws RangeError unless low ≤ high */
export function resetBounds(
  name: string,
  options: Readonly<Record<string, unknown>> | null | undefined,
  low: number,
  high: number,
): [low: number, high: number] {
  const bound = (which: 'low' | 'high', otherwise: number): number =>
    finite(`${name}.reset: ${which}`, (options?.[which] ?? otherwise) as number)
  const bounds: [number, number] = [bound('low', low), bound('high', high)]
  if (bounds[0] > bounds[1]) throw new RangeError(`${name}.reset: low ${bounds[0]} is above high ${bounds[1]}`)
  return bounds
}
