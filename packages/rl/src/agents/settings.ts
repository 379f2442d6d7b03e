// Settings of agents: what may be in them.
import { knownOptions, shown } from '../env/errors.ts'
import { atLeast0, checked, finite, oneOf, share, shareAbove0, whole } from '../env/numbers.ts'

type Check = (what: string, value: number) => unknown

const count: Check = (what, value) => whole(what, value)
const from0: Check = (what, value) => whole(what, value, 0)
/** Infinity among them: no limit. */
const above0: Check = (what, value) => checked(what, value, value > 0, 'a number > 0')

/** What numbers may be, by the names that all agents use. */
const NUMBERS: Readonly<Record<string, Check>> = {
  workers: (what, value) =>
    checked(what, value, Number.isInteger(value) && value >= 1 && value <= 64, 'a whole number from 1 to 64'),
  seed: from0,
  nSteps: count,
  nStep: count,
  batchSize: count,
  nEpochs: count,
  batchEpisodes: count,
  bufferSize: count,
  learningStarts: from0,
  trainFreq: count,
  gradientSteps: count,
  targetUpdateInterval: count,
  quantiles: from0,
  gamma: share,
  gaeLambda: share,
  tau: shareAbove0,
  explorationInitialEps: share,
  explorationFinalEps: share,
  explorationFraction: shareAbove0,
  alpha: share,
  beta: share,
  eps: above0,
  learningRate: atLeast0,
  clipRange: above0,
  clipRangeVf: above0,
  targetKl: above0,
  maxGradNorm: above0,
  entCoef: atLeast0,
  initialEntCoef: above0,
  targetEntropy: finite,
  actionNoise: atLeast0,
  critics: (what, value) => checked(what, value, value === 1 || value === 2, '1 or 2'),
  policyDelay: count,
  targetPolicyNoise: atLeast0,
  targetNoiseClip: atLeast0,
  vfCoef: atLeast0,
}

/** Numbers that may also be functions of what remains of the training. */
const ANNEALED: readonly string[] = ['learningRate', 'clipRange']
/** Settings that are on or off. */
const FLAGS: readonly string[] = [
  'scaleObservations',
  'normalizeAdvantage',
  'double',
  'dueling',
  'prioritized',
  'baseline',
]

/** @throws RangeError for a value that the setting of this name cannot be */
function checkSetting(owner: string, name: string, value: unknown): void {
  const what = `${owner}: ${name}`
  if (FLAGS.includes(name) && typeof value !== 'boolean') {
    throw new RangeError(`${what} ${shown(value)} is not true or false`)
  }
  if (!Object.hasOwn(NUMBERS, name) || (typeof value === 'function' && ANNEALED.includes(name))) return
  NUMBERS[name](what, value as number)
}

/**
 * The settings of an agent: its defaults with what is given in their place, where that is not undefined.
 * @throws RangeError for an option that there is not or that is out of range, TypeError for what is no options object
 */
export function settingsOf<T extends { readonly hidden: readonly number[]; readonly activation: 'tanh' | 'relu' }>(
  agent: string,
  defaults: T,
  options: object,
): T {
  knownOptions(agent, options, Object.keys(defaults))
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: T = { ...defaults, ...given }
  const { hidden, activation } = settings
  if (!Array.isArray(hidden) || !hidden.every((units) => Number.isSafeInteger(units) && units >= 1)) {
    throw new RangeError(`${agent}: hidden ${shown(hidden)} are not whole numbers ≥ 1, one for every hidden layer`)
  }
  oneOf(`${agent}: activation`, activation, ['tanh', 'relu'])
  // What is absent by default may be absent.
  for (const [name, value] of Object.entries(given)) {
    if (value !== defaults[name as keyof T]) checkSetting(agent, name, value)
  }
  return settings
}
