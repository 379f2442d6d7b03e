// What every wrapper is: an environment around an environment.
import type { Env, EnvSpec, Info, Rendered, RenderMode, ResetOptions, StepResult } from '../env/env.ts'
import { needEnv } from '../env/errors.ts'
import type { Space } from '../spaces/space.ts'

/**
 * Base of wrappers: hands everything on. A subclass overrides what it changes, and passes the spaces it changes to the
 * constructor.
 * @example
 * import { make, Wrapper } from '@x/rl'
 * class Patient extends Wrapper {
 *   step(action) {
 *     const [observation, reward, ...rest] = super.step(action)
 *     return [observation, reward - 0.01, ...rest]
 *   }
 * }
 * const env = new Patient(make('FrozenLake-v1'))
 * env.reset({ seed: 0 })
 * env.step(0)[1] // -0.01
 */
export class Wrapper<O = unknown, A = unknown, InnerO = O, InnerA = A> implements Env<O, A> {
  /** The environment inside. */
  readonly env: Env<InnerO, InnerA>
  readonly observationSpace: Space<O>
  readonly actionSpace: Space<A>

  constructor(env: Env<InnerO, InnerA>, spaces: { observationSpace?: Space<O>; actionSpace?: Space<A> } = {}) {
    needEnv('wrapper', env)
    if ('numEnvs' in env) throw new TypeError('wrapper: several environments have their wrappers in @x/rl/vector')
    this.env = env
    this.observationSpace = spaces.observationSpace ?? (env.observationSpace as unknown as Space<O>)
    this.actionSpace = spaces.actionSpace ?? (env.actionSpace as unknown as Space<A>)
  }

  /** The innermost environment. */
  get unwrapped(): Env<unknown, unknown> {
    return this.env.unwrapped ?? (this.env as Env<unknown, unknown>)
  }

  get spec(): EnvSpec | null {
    return this.env.spec ?? null
  }

  get renderMode(): RenderMode | null {
    return this.env.renderMode ?? null
  }

  get clipsActions(): boolean {
    return this.env.clipsActions ?? false
  }

  reset(options?: ResetOptions): [observation: O, info: Info] {
    return this.env.reset(options) as unknown as [O, Info]
  }

  step(action: A): StepResult<O> {
    return this.env.step(action as unknown as InnerA) as unknown as StepResult<O>
  }

  render(): Rendered {
    return this.env.render?.() ?? null
  }

  close(): void {
    this.env.close?.()
  }

  /** The wrappers from the outside in, as Gymnasium shows them: `<TimeLimit<OrderEnforcing<CartPole>>>`. */
  toString(): string {
    return `<${this.constructor.name}${this.env instanceof Wrapper ? this.env : `<${nameOf(this.env as Env)}>`}>`
  }
}

/** What an environment is called in messages: its id, else its class. */
export function nameOf(env: Env<unknown, unknown>): string {
  const own = env.spec?.id ?? env.constructor?.name
  return own === undefined || own === 'Object' ? 'environment' : own
}
