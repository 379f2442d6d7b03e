// Settings of agents: what may be in them.
import { knownOptions } from '../env/errors.ts'

type Rule = readonly [is: (value: number) => boolean, what: string]

const whole = (least: number): Rule => [(v) => Number.isSafeInteger(v) && v >= least, `a whole number ≥ ${least}`]
const between = (low: number, high: number): Rule => [(v) => v >= low && v <= high, `in [${low}, ${high}]`]
const least: Rule = [(v) => v >= 0 && v < Number.POSITIVE_INFINITY, 'a number ≥ 0']
const more: Rule = [(v) => v > 0, 'a number > 0']

/** What numbers may be, by the names that all agents use. */
const NUMBERS: Readonly<Record<string, Rule>> = {
  workers: [(v) => Number.isInteger(v) && v >= 1 && v <= 64, 'a whole number from 1 to 64'],
  seed: whole(0),
  nSteps: whole(1),
  nStep: whole(1),
  batchSize: whole(1),
  nEpochs: whole(1),
  batchEpisodes: whole(1),
  bufferSize: whole(1),
  learningStarts: whole(0),
  trainFreq: whole(1),
  gradientSteps: whole(1),
  targetUpdateInterval: whole(1),
  quantiles: whole(0),
  gamma: between(0, 1),
  gaeLambda: between(0, 1),
  tau: [(v) => v > 0 && v <= 1, 'in (0, 1]'],
  explorationInitialEps: between(0, 1),
  explorationFinalEps: between(0, 1),
  explorationFraction: [(v) => v > 0 && v <= 1, 'in (0, 1]'],
  alpha: between(0, 1),
  beta: between(0, 1),
  eps: more,
  learningRate: least,
  clipRange: more,
  clipRangeVf: more,
  targetKl: more,
  maxGradNorm: more,
  entCoef: least,
  initialEntCoef: more,
  targetEntropy: [Number.isFinite, 'a number'],
  actionNoise: least,
  critics: [(v) => v === 1 || v === 2, '1 or 2'],
  policyDelay: whole(1),
  targetPolicyNoise: least,
  targetNoiseClip: least,
  vfCoef: least,
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

/** @throws RangeError unless all layers have a whole number of units ≥ 1 */
export function checkHidden(owner: string, hidden: readonly number[]): void {
  if (Array.isArray(hidden) && hidden.every((n) => Number.isSafeInteger(n) && n >= 1)) return
  throw new RangeError(`${owner}: hidden ${shown(hidden)} are not whole numbers ≥ 1, one for every hidden layer`)
}

/** @throws RangeError for an activation that there is not */
export function checkActivation(owner: string, activation: string): void {
  if (activation === 'tanh' || activation === 'relu') return
  throw new RangeError(`${owner}: activation ${shown(activation)} is not 'tanh' or 'relu'`)
}

/** @throws RangeError for a number, or what stands in its place, that the setting of this name cannot be */
export function checkSetting(owner: string, name: string, value: unknown): void {
  if (!Object.hasOwn(NUMBERS, name)) {
    if (FLAGS.includes(name) && typeof value !== 'boolean') {
      throw new RangeError(`${owner}: ${name} ${shown(value)} is not true or false`)
    }
    return
  }
  if (typeof value === 'function' && ANNEALED.includes(name)) return
  const [is, what] = NUMBERS[name]
  if (typeof value !== 'number' || !is(value)) throw new RangeError(`${owner}: ${name} ${shown(value)} is not ${what}`)
}

/**
 * The settings of an agent: its defaults with what is given in their place, where that is not undefined.
 * @throws RangeError for an option that there is not or that is out of range, TypeError for what is no options object
 */
export function settingsOf<T extends { hidden: readonly number[]; activation: string }>(
  agent: string,
  defaults: T,
  options: object,
): T {
  knownOptions(agent, options, Object.keys(defaults))
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: T = { ...defaults, ...given }
  checkHidden(agent, settings.hidden)
  checkActivation(agent, settings.activation)
  // What is absent by default may be absent.
  for (const [name, value] of Object.entries(given)) {
    if (value !== defaults[name as keyof T]) checkSetting(agent, name, value)
  }
  return settings
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}
