// What goes wrong between an agent and an environment, by name.

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

/** @throws InvalidActionError that names the environment, the action and the space */
export function invalidAction(env: string, action: unknown, space: unknown): InvalidActionError {
  const shown = ArrayBuffer.isView(action) || Array.isArray(action) ? `[${action}]` : String(action)
  return new InvalidActionError(`${env}: action ${shown} is not in ${space}`)
}

export function resetNeeded(env: string, call = 'step'): ResetNeededError {
  return new ResetNeededError(`${env}: ${call}() before reset(); call env.reset() first`)
}

/** @throws RangeError for the first option that is not among the known ones */
export function knownOptions(owner: string, options: object | null | undefined, known: readonly string[]): void {
  for (const name in options ?? {}) {
    if (!known.includes(name)) {
      throw new RangeError(`${owner}: there is no option '${name}'${known.length ? `: ${known.join(', ')}` : ''}`)
    }
  }
}
