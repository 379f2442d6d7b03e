// A3C: asynchronous advantage actor-critic, on worker threads that share their parameters.
//
// Source: Mnih et al. 2016, "Asynchronous Methods for Deep Reinforcement Learning", arXiv:1602.01783, algorithm S3, with the
// shared RMSprop of its section 4 (equations S2 and S3), whose updates take no locks, as in Hogwild (Recht et al. 2011).
// Deviations: actor and critic are networks of their own; the mean over a rollout's steps takes the place of the sum; a
// rollout goes on into the next episode, whose rewards do not count for the one before; truncated episodes are bootstrapped.
import { Generator, type Tensor, tensor } from '@x/tensor'
import { needFunction, needList } from '../env/errors.ts'
import { make } from '../env/registry.ts'
import { type ActOptions, type LearnOptions, learnOptions, type Progress } from '../training/agent.ts'
import type { BatchAgent } from '../training/evaluate.ts'
import type { Savable } from '../training/train.ts'
import { seedsOf } from '../vector/vectorEnv.ts'
import { Shared, STEPS, STOP, UPDATES } from './a3cMemory.ts'
import { type A3CJob, type A3CReport, countOf, LOGGED } from './a3cWork.ts'
import { ActorCritic } from './actorCritic.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, saveAgent } from './checkpoint.ts'
import type { NetworkOptions } from './networks.ts'
import { settingsOf } from './settings.ts'
import { startThread, type Thread } from './thread.ts'

export interface A3COptions extends NetworkOptions {
  /** Threads that act and learn, each in an environment of its own: 1 to 64. Default 4 */
  workers?: number
  /** Steps between a worker's updates, ≥ 1. Default 32 */
  nSteps?: number
  /** Of RMSprop, ≥ 0; or a function of the share of the training that remains. Default 4e-3, falling to 0 */
  learningRate?: Annealed
  /** Discount in [0, 1]. Default 0.99 */
  gamma?: number
  /** Weight of the entropy, ≥ 0. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values, ≥ 0. Default 0.5 */
  vfCoef?: number
  /** Norm that gradients are cut to, > 0. Default 0.5 */
  maxGradNorm?: number
  /** Decay of RMSprop's mean of squares, which all workers share, in [0, 1]. Default 0.99 */
  alpha?: number
  /** Added to that mean under the root, > 0. Default 1e-5 */
  eps?: number
  /** Seeds weights and actions, a whole number ≥ 0. Default 0 */
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

const DEFAULTS: Required<A3COptions> = {
  hidden: [64, 64],
  activation: 'tanh',
  workers: 4,
  nSteps: 32,
  learningRate: (remaining) => 4e-3 * remaining,
  gamma: 0.99,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  alpha: 0.99,
  eps: 1e-5,
  seed: 0,
  envOptions: {},
  modules: [],
  worker: null,
}

/**
 * Workers that each act in an environment of their own, and without waiting for each other move the one set of parameters
 * along ∇ log π(aₜ|sₜ) (R − V(sₜ)) + β ∇ H(π(sₜ)) and −∇ (R − V(sₜ))². The parameters and RMSprop's squares lie in a
 * SharedArrayBuffer: Node, and pages that are cross-origin isolated. With one worker and a constant learning rate a seed gives
 * the same numbers always; with more workers their order is as it happens, and a rate that falls does so when they report.
 *
 * Environments are made in the workers, by id: those of your own must be registered there as well as here (`modules`).
 * @example
 * import { evaluate, trainAsync } from '@x/rl'
 * import { A3C } from '@x/rl/agents'
 * const agent = new A3C('CartPole-v1', { workers: 2 })
 * const { episodes } = await trainAsync(agent, { steps: 4000, seed: 0 })
 * evaluate(agent, 'CartPole-v1', { episodes: 10 }).mean
 */
export class A3C implements BatchAgent, Savable {
  readonly options: Readonly<Required<A3COptions>>
  private readonly env: string
  private readonly kind: string
  private readonly model: ActorCritic
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
    const { hidden, activation, seed, workers, envOptions, modules, worker } = this.options
    needList('A3C: modules', modules)
    if (worker) needFunction('A3C: worker', worker)
    this.env = env
    const made = make(env, envOptions)
    this.model = new ActorCritic(made, { agent: 'A3C', hidden, activation, generator: new Generator(seed) })
    this.kind = `A3C on [${this.model.size}] with ${made.actionSpace} and ${workers} workers`
    made.close?.()
    this.shared = new Shared(countOf(this.model), workers)
    this.shared.push(this.model.parameters)
  }

  /** Environment steps so far, of all workers. */
  get steps(): number {
    return Atomics.load(this.shared.control, STEPS)
  }

  /** By the parameters as they are now. @throws RangeError for an observation of another size or with NaN, or an unknown option */
  act(observation: ArrayLike<number>, options: ActOptions = {}): number | Float32Array {
    this.shared.pull(this.model.parameters)
    return this.model.act(observation, options)
  }

  /** Actions for rows of observations [n, …], by the parameters as they are now. */
  actMany(observations: Tensor, options: ActOptions = {}): (number | Float32Array)[] {
    this.shared.pull(this.model.parameters)
    return this.model.actMany(observations, options)
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
      const remaining = Math.max(0, 1 - (before + this.steps - begin) / total)
      shared.rate[0] = annealed('A3C: learningRate', learningRate, remaining)
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
    const tensors = { ...model.stateDict(), squares }
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
