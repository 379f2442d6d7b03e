// What goes wrong between an agent and an environment, by name.
import { checkOptions } from '@x/tensor/op'

/** `step` or `render` before the first `reset`. */
export class ResetNeededError extends Error {
  override name = 'ResetNeededError'
}

/** An action outside the action space. */
export class InvalidActionError extends RangeError {
  override name = 'InvalidActionError'
}

/** An environment id that nobody registered. */
export class EnvNotFoundError extends RangeError {
  override name = 'EnvNotFoundError'
}

/** An environment that breaks the contract: a wrong observation, reward or flag, and where. */
export class EnvContractError extends Error {
  override name = 'EnvContractError'
}

/** A value as messages have it: texts in quotes, lists in brackets. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return ArrayBuffer.isView(value) || Array.isArray(value) ? `[${value}]` : String(value)
}

/** An action outside its space, with the environment that was given it. */
export const invalidAction = (env: string, action: unknown, space: unknown): InvalidActionError =>
  new InvalidActionError(`${env}: action ${shown(action)} is not in ${space}`)

/** A reward that is not a finite number, and at which step of its episode it was given. */
export function badReward(env: string, reward: unknown, step?: number): EnvContractError {
  const given = typeof reward === 'object' ? JSON.stringify(reward) : shown(reward)
  const when = step === undefined ? '' : ` at step ${step} of its episode`
  return new EnvContractError(`${env}: step() gave the reward ${given}${when}, which is not a finite number`)
}

/** `step` or `render` before the first `reset`, with the environment and the call. */
export function resetNeeded(env: string, call = 'step'): ResetNeededError {
  return new ResetNeededError(`${env}: ${call}() before reset(); call env.reset() first`)
}

/**
 * @throws TypeError for what is no options object, such as a number in its place, and for none where they are needed;
 * `example` says what one looks like
 */
export function optionsObject(owner: string, options: unknown, example: string, isNeeded = false): void {
  if (((options ?? null) === null && !isNeeded) || (options && typeof options === 'object' && !Array.isArray(options)))
    return
  throw new TypeError(`${owner}: options are an object, such as { ${example} }, not ${shown(options)}`)
}

/** A step of an episode that has ended, with 'disabled' resets. */
export function episodeEnded(env: string, i: number): ResetNeededError {
  return new ResetNeededError(`${env}: episode ${i} has ended; reset({ options: { resetMask } }) is due`)
}

/** @throws TypeError for what is not an array */
export function needList(what: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`${what} are not a list`)
}

/** @throws TypeError for what is no environment, with what to give in its place */
export function needEnv(owner: string, env: unknown): void {
  const { reset, step } = (env ?? {}) as { reset?: unknown; step?: unknown }
  if (typeof reset === 'function' && typeof step === 'function') return
  const given = typeof env === 'string' ? shown(env) : typeof env
  throw new TypeError(`${owner}: ${given} is not an environment, such as make('CartPole-v1')`)
}

/** @throws TypeError for what is not a function. `what` names owner and argument */
export function needFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${what} is ${typeof value}, not a function`)
}

/** @throws RangeError for the first option that is not among the known ones, TypeError for what is no options object */
export function knownOptions(owner: string, options: object | null | undefined, known: readonly string[]): void {
  if (typeof options !== 'object' || Array.isArray(options)) {
    const first = known.slice(0, 3).map((name) => `${name}: …`)
    optionsObject(owner, options, first.join(', '))
  }
  if (known.length > 0) checkOptions(owner, options ?? {}, known)
  else for (const name in options ?? {}) throw new RangeError(`${owner}: there is no option '${name}', nor any other`)
}

/** @throws as `knownOptions`, for what `reset` is given */
export function knownResetOptions(owner: string, options: object | null | undefined): void {
  optionsObject(owner, options, 'seed: 42')
  knownOptions(owner, options, ['seed', 'options'])
}
