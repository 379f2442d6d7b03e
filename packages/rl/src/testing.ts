// @x/rl/testing: what every environment owes its users, for those who write their own.
import type { Env, StepResult } from './env/env.ts'
import { EnvContractError, knownOptions, needEnv } from './env/errors.ts'
import { checkInfo, checkObservation, checkStep } from './wrappers/guards.ts'
import { nameOf } from './wrappers/wrapper.ts'

export interface CheckEnvOptions {
  /** How many steps to take. Default 200 */
  steps?: number
  /** Leave out the checks of `render`. Default false */
  skipRenderCheck?: boolean
}

/**
 * Checks an environment: spaces, what `reset` and `step` give, that a seed repeats a whole run, that observations once
 * handed out stay as they are, and what `render` shows. Gymnasium's `check_env`.
 * @throws EnvContractError that says what is wrong
 * @example
 * import { CartPole } from '@x/rl'
 * import { checkEnv } from '@x/rl/testing'
 * checkEnv(new CartPole())
 */
export function checkEnv(env: Env, options: CheckEnvOptions = {}): void {
  needEnv('checkEnv', env)
  knownOptions('checkEnv', options, ['steps', 'skipRenderCheck'])
  const { steps = 200, skipRenderCheck = false } = options
  const name = nameOf(env)
  checkSpaces(name, env)
  const first = record(name, env, steps)
  const second = record(name, env, steps)
  first.forEach((line, t) => {
    if (line !== second[t]) {
      throw new EnvContractError(
        `${name}: a run does not repeat with its seed: step ${t} gave ${line}, then ${second[t]}`,
      )
    }
  })
  env.reset({ options: {} })
  if (!skipRenderCheck) checkRender(name, env)
  env.close?.()
  env.close?.()
}

function checkSpaces(name: string, env: Env): void {
  for (const which of ['observationSpace', 'actionSpace'] as const) {
    const space = env[which]
    const isSpace = ['sample', 'contains', 'seed', 'equals'].every(
      (method) => typeof (space as unknown as Record<string, unknown> | undefined)?.[method] === 'function',
    )
    if (!isSpace) throw new EnvContractError(`${name}: ${which} is ${space}, not a space`)
    space.seed(1)
    for (let i = 0; i < 10; i++) {
      const element = space.sample()
      if (!space.contains(element))
        throw new EnvContractError(`${name}: ${which} ${space} does not contain its own sample ${element}`)
    }
  }
}

/** A run of random actions as text, a line per step. */
function record(name: string, env: Env, steps: number): string[] {
  env.actionSpace.seed(7)
  const lines: string[] = []
  const held: { observation: unknown; text: string; t: number }[] = []
  const hold = (observation: unknown, t: number): string => {
    const text = shown(observation)
    held.push({ observation, text, t })
    return text
  }
  const reset = (seed: number | undefined, t: number): void => {
    const result: unknown = env.reset(seed === undefined ? undefined : { seed })
    if (!Array.isArray(result) || result.length !== 2) {
      throw new EnvContractError(`${name}: reset() must return [observation, info], not ${shown(result)}`)
    }
    checkObservation(name, 'reset()', env, result[0])
    checkInfo(name, 'reset()', result[1])
    lines.push(`reset ${hold(result[0], t)}`)
  }
  reset(123, 0)
  for (let t = 1; t <= steps; t++) {
    const result: StepResult<unknown> = env.step(env.actionSpace.sample())
    checkStep(name, env, result)
    const [observation, reward, terminated, truncated] = result
    lines.push(`${hold(observation, t)} ${reward} ${terminated} ${truncated}`)
    if (terminated || truncated) reset(undefined, t)
  }
  for (const { observation, text, t } of held) {
    if (shown(observation) !== text) {
      throw new EnvContractError(`${name}: the observation of step ${t} changed later; give out a copy`)
    }
  }
  return lines
}

const shown = (x: unknown): string =>
  JSON.stringify(x, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v))

function checkRender(name: string, env: Env): void {
  const { renderMode } = env
  if (!renderMode) return
  const seen = env.render?.()
  const fits =
    renderMode === 'ansi'
      ? typeof seen === 'string'
      : typeof seen === 'object' && seen !== null && (renderMode === 'commands' ? 'commands' : 'data') in seen
  if (!fits) throw new EnvContractError(`${name}: render() gave ${typeof seen} in mode '${renderMode}'`)
}
