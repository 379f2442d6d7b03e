// A3C: asynchronous advantage actor-critic, on worker threads that share their parameters.
//
// Source: Mnih et al. 2016, "Asynchronous Methods for Deep Reinforcement Learning", arXiv:1602.01783, algorithm S3, with the
// shared RMSprop of its section 4 (equations S2 and S3), whose updates take no locks, as in Hogwild (Recht et al. 2011).
// Deviations: actor and critic are networks of their own; the mean over a rollout's steps takes the place of the sum; a
// rollout goes on into the next episode, whose rewards do not count for the one before; truncated episodes are bootstrapped.
import { stopGradient, valueAndGrad } from '@x/autograd'
import { clipGradNorm, mseLoss, type Sequential } from '@x/nn'
import { type Compiled, compile, concat, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { elements } from '@x/tensor/op'
import type { Env } from '../env/env.ts'
import { make } from '../env/registry.ts'
import type { Seed } from '../random/seedSequence.ts'
import type { Space } from '../spaces/space.ts'
import {
  type ActOptions,
  type EpisodeResult,
  isDeterministic,
  type LearnOptions,
  learnOptions,
  type Progress,
} from '../training/agent.ts'
import { seedsOf } from '../vector/vectorEnv.ts'
import { Actor } from './actor.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import {
  checkLength,
  lastingZeros,
  type NetworkOptions,
  observationSize,
  orthogonalMlp,
  rowOf,
  write,
} from './networks.ts'
import { settingsOf } from './settings.ts'
import { startThread, type Thread } from './thread.ts'

export interface A3COptions extends NetworkOptions {
  /** Threads that act and learn, each in an environment of its own: 1 to 64. Default 4 */
  workers?: number
  /** Steps between a worker's updates. Default 32 */
  nSteps?: number
  /** Default 4e-3, falling to 0 */
  learningRate?: Annealed
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Weight of the entropy. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values. Default 0.5 */
  vfCoef?: number
  /** Default 0.5 */
  maxGradNorm?: number
  /** Decay of RMSprop's mean of squares, which all workers share, in [0, 1). Default 0.99 */
  alpha?: number
  /** Added to that mean under the root. Default 1e-5 */
  eps?: number
  /** Seeds weights and actions. Default 0 */
  seed?: number
  /** Options of the environment, as for `make`. Default {} */
  envOptions?: Readonly<Record<string, unknown>>
  /** Addresses of modules that workers import first, such as those that register environments of your own. Default [] */
  modules?: readonly (string | URL)[]
  /**
   * Starts a worker whose script imports '@x/rl/a3c-worker'. Default: that script as it was installed; a page that a
   * bundler makes needs `() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`.
   */
  worker?: (() => unknown) | null
}

const DEFAULTS = {
  hidden: [64, 64] as readonly number[],
  activation: 'tanh' as 'tanh' | 'relu',
  workers: 4,
  nSteps: 32,
  learningRate: ((remaining) => 4e-3 * remaining) as Annealed,
  gamma: 0.99,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  alpha: 0.99,
  eps: 1e-5,
  seed: 0,
  envOptions: {} as Readonly<Record<string, unknown>>,
  modules: [] as readonly (string | URL)[],
  worker: null as (() => unknown) | null,
}

type Settings = Omit<typeof DEFAULTS, 'learningRate' | 'worker' | 'modules'>

/** What a worker is given. */
export interface A3CJob {
  readonly index: number
  readonly env: string
  readonly modules: readonly string[]
  readonly settings: Settings
  readonly envSeed: Seed | undefined
  readonly memory: SharedArrayBuffer
  /** Environment steps of all workers at which they end. */
  readonly end: number
}

/** What a worker tells from time to time, and at its end. */
export interface A3CReport {
  readonly episodes: readonly EpisodeResult[]
  /** Sums of LOGGED over so many updates. */
  readonly sums: readonly number[]
  readonly updates: number
  readonly isDone: boolean
}

const LOGGED = ['train/loss', 'train/policy_loss', 'train/value_loss', 'train/entropy_loss'] as const
/** Updates of a worker between its reports. */
const REPORT_EVERY = 20
/** Words of the control block: steps of all workers, updates, and whether to stop. */
const [STEPS, UPDATES, STOP] = [0, 1, 2]
/** Bytes of the control block and the learning rate behind it; words of a worker's random state, the last one of them says that there is one. */
const [HEADER, RANDOM] = [32, 5]

/** The memory of all threads: counters, the learning rate, θ and g, and where the random numbers of every worker stand. */
class Shared {
  readonly memory: SharedArrayBuffer
  readonly control: Int32Array
  readonly rate: Float64Array
  readonly theta: Float32Array
  readonly squares: Float32Array
  private readonly random: Int32Array

  constructor(count: number, workers: number, memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(HEADER + 8 * count + 4 * RANDOM * workers)
    this.control = new Int32Array(this.memory, 0, 4)
    this.rate = new Float64Array(this.memory, 16, 1)
    this.theta = new Float32Array(this.memory, HEADER, count)
    this.squares = new Float32Array(this.memory, HEADER + 4 * count, count)
    this.random = new Int32Array(this.memory, HEADER + 8 * count, RANDOM * workers)
  }

  /** Random words of a worker. */
  randomOf(index: number): Int32Array {
    return this.random.subarray(RANDOM * index, RANDOM * (index + 1))
  }

  get allRandom(): Int32Array {
    return this.random
  }

  /** θ' ← θ */
  pull(parameters: readonly Tensor[]): void {
    let at = 0
    for (const p of parameters) {
      const { view, start } = elements(p)
      ;(view as Float32Array).set(this.theta.subarray(at, at + p.size), start)
      at += p.size
    }
  }

  /** θ ← θ' */
  push(parameters: readonly Tensor[]): void {
    let at = 0
    for (const p of parameters) {
      this.theta.set(p.data() as Float32Array, at)
      at += p.size
    }
  }

  /** g ← α g + (1 − α) Δθ²; θ ← θ − η Δθ / √(g + ε), while others do the same. */
  step(gradient: ArrayLike<number>, { alpha, eps }: Settings): void {
    const { theta, squares } = this
    const rate = this.rate[0]
    for (let i = 0; i < theta.length; i++) {
      const d = gradient[i]
      const g = alpha * squares[i] + (1 - alpha) * d * d
      squares[i] = g
      theta[i] -= (rate * d) / Math.sqrt(g + eps)
    }
  }
}

/** The policy π(a|s; θ) and the value V(s; θv), as every thread has them. */
class Model {
  readonly actor: Actor
  readonly critic: Sequential
  readonly parameters: Tensor[]
  readonly size: number
  readonly policy: Compiled<[Tensor], Tensor[]>
  readonly best: Compiled<[Tensor], Tensor>
  private readonly generator: Generator

  constructor(spaces: { observationSpace: Space; actionSpace: Space }, settings: Settings, generator: Generator) {
    const { hidden, activation } = settings
    this.size = observationSize('A3C', spaces.observationSpace)
    this.generator = generator
    this.actor = new Actor(spaces.actionSpace, { agent: 'A3C', size: this.size, hidden, activation, generator })
    this.critic = orthogonalMlp([this.size, ...hidden, 1], { activation, gain: 1, generator })
    this.parameters = [...this.actor.parameters, ...this.critic.parameters()]
    this.policy = compile((observations: Tensor) => [
      this.actor.draw(this.actor.net.forward(observations)),
      this.critic.forward(observations).squeeze(-1),
    ])
    this.best = compile((observations: Tensor) => this.actor.best(this.actor.net.forward(observations)))
  }

  /** Numbers of all parameters. */
  get count(): number {
    return this.parameters.reduce((sum, p) => sum + p.size, 0)
  }

  dispose(): void {
    this.policy.dispose()
    this.best.dispose()
    for (const x of [...this.parameters, this.generator.state]) x.dispose()
  }
}

/** What a worker does: algorithm S3. Its reports go to `tell`. @throws RangeError for a loss that is not finite */
export function runA3C(job: A3CJob, tell: (report: A3CReport) => void): void {
  const { settings, index, end } = job
  const { nSteps, gamma } = settings
  const env = make(job.env, settings.envOptions) as Env<ArrayLike<number>, unknown>
  const generator = new Generator(settings.seed).fork(index)
  const model = new Model(env as Env, settings, generator)
  const shared = new Shared(model.count, settings.workers, job.memory)
  const { control } = shared
  const words = shared.randomOf(index)
  if (words[RANDOM - 1] === 1) generator.restore(Array.from(words.subarray(0, RANDOM - 1), (w) => w >>> 0))
  const { size, actor, policy } = model
  const gradient = compiledGradient(model, settings)
  const seen = lastingZeros([1, size])
  const observations = new Float32Array(nSteps * size)
  const actions = actor.width ? new Float32Array(nSteps * actor.width) : new Int32Array(nSteps)
  const returns = new Float32Array(nSteps)
  const [rewards, following] = [new Float64Array(nSteps), new Float64Array(nSteps)]
  const isOver = new Uint8Array(nSteps)
  let episodes: EpisodeResult[] = []
  let sums = new Float64Array(LOGGED.length)
  let [updates, reward, length] = [0, 0, 0]

  const look = (observation: ArrayLike<number>): { drawn: Float32Array; value: number } =>
    tidy(() => {
      checkLength('A3C', observation, size)
      write(seen, observation)
      const [a, v] = policy(seen)
      return { drawn: a.data() as Float32Array, value: Number(v.data()[0]) }
    })
  const report = (isDone: boolean): void => {
    tell({ episodes, sums: Array.from(sums), updates, isDone })
    episodes = []
    sums = new Float64Array(LOGGED.length)
    updates = 0
  }

  let [observation] = env.reset({ seed: job.envSeed })
  while (Atomics.load(control, STEPS) < end && Atomics.load(control, STOP) === 0) {
    shared.pull(model.parameters)
    for (let t = 0; t < nSteps; t++) {
      const { drawn } = look(observation)
      observations.set(observation, t * size)
      actions.set(drawn, t * drawn.length)
      const [next, r, terminated, truncated] = env.step(actor.toEnv(drawn, 1)[0])
      rewards[t] = r
      reward += r
      length++
      isOver[t] = Number(terminated || truncated)
      // What an episode is worth that was cut off, and the rollout's last state.
      following[t] = terminated ? 0 : truncated || t === nSteps - 1 ? look(next).value : 0
      observation = next
      if (isOver[t]) {
        episodes.push({ reward, length })
        reward = length = 0
        observation = env.reset()[0]
      }
    }
    // R ← rᵢ + γ R, backwards.
    let R = 0
    for (let t = nSteps - 1; t >= 0; t--) {
      R = rewards[t] + gamma * (isOver[t] || t === nSteps - 1 ? following[t] : R)
      returns[t] = R
    }
    tidy(() => {
      const rows = [nSteps, ...(actor.width ? [actor.width] : [])]
      const [d, numbers] = gradient(
        tensor(observations, { shape: [nSteps, size] }),
        tensor(actions, { shape: rows }),
        tensor(returns),
      )
      const losses = numbers.data() as Float32Array
      if (!Number.isFinite(losses[0])) {
        throw new RangeError(
          `A3C: the loss is ${losses[0]} after ${control[STEPS]} steps (policy ${losses[1]}, value ${losses[2]})`,
        )
      }
      for (let k = 0; k < sums.length; k++) sums[k] += losses[k]
      shared.step(d.data() as Float32Array, settings)
    })
    updates++
    Atomics.add(control, UPDATES, 1)
    Atomics.add(control, STEPS, nSteps)
    if (updates === REPORT_EVERY) report(false)
  }
  words.set([...generator.save(), 1])
  report(true)
  env.close?.()
  gradient.dispose()
  seen.dispose()
  model.dispose()
}

/** observations [T, n], actions, returns [T] → the gradient of all parameters [P], and the losses. */
function compiledGradient(
  { actor, critic, parameters }: Model,
  { entCoef, vfCoef, maxGradNorm }: Settings,
): Compiled<[Tensor, Tensor, Tensor], Tensor[]> {
  return compile((observations: Tensor, actions: Tensor, returns: Tensor) => {
    const { grads, aux } = valueAndGrad(() => {
      const outputs = actor.net.forward(observations)
      const values = critic.forward(observations).squeeze(-1)
      const advantages = returns.sub(stopGradient(values))
      const policyLoss = actor.logProb(outputs, actions).mul(advantages).mean().neg()
      const valueLoss = mseLoss(values, returns)
      const entropy = actor.entropy(outputs)
      const loss = policyLoss.add(valueLoss.mul(vfCoef)).sub(entropy.mul(entCoef))
      return [loss, [loss, policyLoss, valueLoss, entropy.neg()]] as const
    }, parameters)
    const clipped = clipGradNorm(grads as Tensor[], maxGradNorm).grads
    return [concat(clipped.map((g) => g.reshape([g.size]))), stack(aux.map((x) => x.reshape([])))]
  })
}

/**
 * Workers that each act in an environment of their own, and without waiting for each other move the one set of parameters
 * along ∇ log π(aₜ|sₜ) (R − V(sₜ)) + β ∇ H(π(sₜ)) and −∇ (R − V(sₜ))². The parameters and RMSprop's squares lie in a
 * SharedArrayBuffer: Node, and pages that are cross-origin isolated. With one worker a seed gives the same numbers always;
 * with more, their order is as it happens.
 *
 * Environments are made in the workers, by id: those of your own must be registered there as well as here (`modules`).
 * @example
 * import { evaluate, trainAsync } from '@x/rl'
 * import { A3C } from '@x/rl/agents'
 * const agent = new A3C('CartPole-v1', { workers: 2 })
 * const { episodes } = await trainAsync(agent, { steps: 4000, seed: 0 })
 * evaluate(agent, 'CartPole-v1', { episodes: 10 }).mean
 */
export class A3C {
  readonly options: Readonly<typeof DEFAULTS>
  private readonly env: string
  private readonly kind: string
  private readonly model: Model
  private readonly shared: Shared
  private threads: Thread[] = []

  /**
   * @param env the id of an environment
   * @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or that are out of
   * range, EnvNotFoundError, Error where memory cannot be shared
   */
  constructor(env: string, options: A3COptions = {}) {
    this.options = settingsOf('A3C', DEFAULTS, options)
    if (typeof env !== 'string') throw new TypeError(`A3C: workers make environments by id, such as 'CartPole-v1'`)
    if (typeof SharedArrayBuffer === 'undefined') {
      throw new Error('A3C: memory cannot be shared here; a page must be cross-origin isolated (COOP and COEP headers)')
    }
    const { seed, workers, envOptions } = this.options
    this.env = env
    const made = make(env, envOptions)
    this.model = new Model(made, this.options, new Generator(seed))
    this.kind = `A3C on [${this.model.size}] with ${made.actionSpace} and ${workers} workers`
    made.close?.()
    this.shared = new Shared(this.model.count, workers)
    this.shared.push(this.model.parameters)
  }

  /** Environment steps so far, of all workers. */
  get steps(): number {
    return Atomics.load(this.shared.control, STEPS)
  }

  act(observation: ArrayLike<number>, options: ActOptions = {}): number | Float32Array {
    return tidy(() => this.actMany(rowOf('A3C', observation, this.model.size), options)[0])
  }

  /** Actions for rows of observations [n, …], by the parameters as they are now. */
  actMany(observations: Tensor, options: ActOptions = {}): (number | Float32Array)[] {
    const deterministic = isDeterministic('A3C', options)
    const { model, shared } = this
    shared.pull(model.parameters)
    return tidy(() => {
      const rows = observations.reshape([observations.shape[0], model.size])
      const actions = deterministic ? model.best(rows) : model.policy(rows)[0]
      return model.actor.toEnv(actions.data() as Float32Array, rows.shape[0])
    })
  }

  /**
   * Starts the workers, tells what they tell, and ends them: at the end, at an error of one of them, and when nobody
   * listens any more.
   */
  async *learn(learning: LearnOptions): AsyncGenerator<Progress, void> {
    const { steps, seed, before, total } = learnOptions('A3C', learning)
    if (this.threads.length > 0) throw new Error('A3C: learn() is under way already')
    const { shared, options } = this
    const { learningRate, worker, modules, ...settings } = options
    const begin = this.steps
    const setRate = (): void => {
      shared.rate[0] = annealed(learningRate, Math.max(0, 1 - (before + this.steps - begin) / total))
    }
    setRate()
    Atomics.store(shared.control, STOP, 0)
    const inbox: (A3CReport | Error)[] = []
    let wake = (): void => {}
    const deliver = (message: A3CReport | Error): void => {
      inbox.push(message)
      wake()
    }
    try {
      this.threads = seedsOf(seed, options.workers).map((envSeed, index) => {
        const addresses = modules.map(String)
        const memory = shared.memory
        const job: A3CJob = { index, env: this.env, modules: addresses, settings, envSeed, memory, end: begin + steps }
        return startThread(worker, { a3c: job }, deliver as (message: unknown) => void)
      })
      for (let running = options.workers; running > 0; ) {
        if (inbox.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const reports = inbox.splice(0)
        const failure = reports.find((report) => report instanceof Error)
        if (failure) throw failure
        running -= (reports as A3CReport[]).filter(({ isDone }) => isDone).length
        setRate()
        yield { steps: this.steps, ...this.summary(reports as A3CReport[]) }
      }
    } finally {
      Atomics.store(shared.control, STOP, 1)
      await Promise.all(this.threads.map((thread) => thread.stop()))
      this.threads = []
    }
  }

  private summary(reports: readonly A3CReport[]): Pick<Progress, 'episodes' | 'metrics'> {
    const updates = reports.reduce((sum, report) => sum + report.updates, 0)
    const means = LOGGED.map(
      (name, k) => [name, reports.reduce((sum, { sums }) => sum + sums[k], 0) / updates] as const,
    )
    return {
      episodes: reports.flatMap(({ episodes }) => episodes),
      metrics: {
        ...(updates > 0 && Object.fromEntries(means)),
        'train/learning_rate': this.shared.rate[0],
        'train/n_updates': Atomics.load(this.shared.control, UPDATES),
      },
    }
  }

  /** Tensors of the shared memory's numbers, for checkpoints. */
  private snapshot(): AgentState & { free(): void } {
    const { model, shared } = this
    shared.pull(model.parameters)
    const squares = tensor(Float32Array.from(shared.squares))
    const tensors = { ...model.actor.stateDict(), ...prefixed('critic', model.critic.stateDict()), squares }
    const values = { control: Array.from(shared.control.subarray(0, STOP)), random: Array.from(shared.allRandom) }
    return { tensors, values, free: () => squares.dispose() }
  }

  /** Weights, state of the optimiser and of all workers' random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    const { free, ...state } = this.snapshot()
    try {
      return saveAgent(this.kind, state)
    } finally {
      free()
    }
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const { shared, model } = this
    const { free, ...state } = this.snapshot()
    try {
      const values = loadAgent(this.kind, state, checkpoint)
      shared.push(model.parameters)
      shared.squares.set(state.tensors.squares.data() as Float32Array)
      shared.control.set(values.control as number[])
      shared.allRandom.set(values.random as number[])
    } finally {
      free()
    }
  }

  /** Ends workers that run, and frees weights and compiled functions now. */
  dispose(): void {
    Atomics.store(this.shared.control, STOP, 1)
    for (const thread of this.threads) void thread.stop()
    this.model.dispose()
  }
}
