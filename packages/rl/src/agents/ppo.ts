// PPO: proximal policy optimisation with the clipped surrogate, for choices and for continuous actions.
//
// Source: Schulman et al. 2017, arXiv:1707.06347; details numbered after Huang et al. 2022, "The 37 Implementation Details
// of Proximal Policy Optimization" (ICLR blog track): 1 vectorised environments, 2 orthogonal weights, 3 ε of Adam, 4
// annealing, 5 generalised advantages, 6 minibatches, 7 normalised advantages, 8 clipped surrogate, 9 clipped values, 10
// entropy bonus, 11 clipped gradients, 12 diagnostics, 13 separate networks; for continuous actions 1 normal policies, 2
// deviations that do not depend on the state, 3 independent components, 4 separate networks, 5 actions cut to the bounds.
import { valueAndGrad } from '@x/autograd'
import { Adam, clipGradNorm, type Sequential } from '@x/nn'
import { type Compiled, compile, Generator, stack, type Tensor, tensor, tidy } from '@x/tensor'
import { normalized, ppoPolicyLoss, ppoValueLoss } from '../arithmetic/losses.ts'
import { explainedVariance, gae } from '../arithmetic/returns.ts'
import type { Env } from '../env/env.ts'
import { NumpyGenerator } from '../random/generator.ts'
import {
  type ActOptions,
  isDeterministic,
  type LearnOptions,
  learnOptions,
  PAUSE,
  type Progress,
} from '../training/agent.ts'
import { type ActionOf, EpisodeCounter, type Spaces, sameStepEnvs, spacesOf } from '../training/vector.ts'
import type { VectorEnv } from '../vector/vectorEnv.ts'
import { Actor } from './actor.ts'
import { type Annealed, annealed } from './annealed.ts'
import { type AgentState, loadAgent, prefixed, saveAgent } from './checkpoint.ts'
import {
  checkSize,
  lastingZeros,
  type NetworkOptions,
  observationSize,
  orthogonalMlp,
  rowOf,
  write,
} from './networks.ts'
import { settingsOf } from './settings.ts'

export interface PPOOptions extends NetworkOptions {
  /** Steps of every environment between updates. Default 128 */
  nSteps?: number
  /** Steps per minibatch; what is left over in a pass is left out. Default 64 */
  batchSize?: number
  /** Passes over the steps. Default 10 */
  nEpochs?: number
  /** Default 3e-4 */
  learningRate?: Annealed
  /** Discount. Default 0.99 */
  gamma?: number
  /** Default 0.95 */
  gaeLambda?: number
  /** ε of the surrogate. Default 0.2 */
  clipRange?: Annealed
  /** The same for values; null for none. Default null */
  clipRangeVf?: number | null
  /** Default true */
  normalizeAdvantage?: boolean
  /** Weight of the entropy. Default 0 */
  entCoef?: number
  /** Weight of the mean squared error of the values. Default 0.5 */
  vfCoef?: number
  /** Default 0.5 */
  maxGradNorm?: number
  /** Ends the passes once the divergence exceeds 1.5 times this. Default null */
  targetKl?: number | null
  /** Seeds weights, actions and minibatches. Default 0 */
  seed?: number
}

const DEFAULTS = {
  hidden: [64, 64] as readonly number[],
  activation: 'tanh' as 'tanh' | 'relu',
  nSteps: 128,
  batchSize: 64,
  nEpochs: 10,
  learningRate: 3e-4 as Annealed,
  gamma: 0.99,
  gaeLambda: 0.95,
  clipRange: 0.2 as Annealed,
  clipRangeVf: null as number | null,
  normalizeAdvantage: true,
  entCoef: 0,
  vfCoef: 0.5,
  maxGradNorm: 0.5,
  targetKl: null as number | null,
  seed: 0,
}

/** A batch of steps where compiled updates read it. */
interface Rollout {
  readonly observations: Tensor
  readonly actions: Tensor
  readonly logProbs: Tensor
  readonly advantages: Tensor
  readonly returns: Tensor
  readonly values: Tensor
}

/**
 * PPO on observations that are vectors, with `Discrete` or `Box` actions. Give it several environments (`makeVec`), of any
 * mode of resets.
 * @example
 * import { evaluate, makeVec, train } from '@x/rl'
 * import { PPO } from '@x/rl/agents'
 * const envs = makeVec('CartPole-v1', { numEnvs: 8, autoresetMode: 'same-step' })
 * const agent = new PPO(envs, { nSteps: 32, batchSize: 256, nEpochs: 20, learningRate: (left) => 1e-3 * left })
 * train(agent, envs, { steps: 1000, seed: 1 })
 * evaluate(agent, 'CartPole-v1', { episodes: 10 }).mean
 */
export class PPO<E extends Spaces = Spaces> {
  readonly options: Readonly<typeof DEFAULTS>
  readonly actor: Actor
  readonly critic: Sequential
  private readonly kind: string
  private readonly size: number
  private readonly optimizer: Adam
  private readonly random: Generator
  private readonly shuffles: NumpyGenerator
  private readonly parameters: Tensor[]
  private readonly clip: Tensor
  private readonly policy: Compiled<[Tensor], Tensor[]>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly value: Compiled<[Tensor], Tensor>
  private steps = 0
  private updates = 0

  /** @throws TypeError for spaces that it cannot learn on, RangeError for options that there are not or out of range */
  constructor(env: E, options: PPOOptions = {}) {
    const { observationSpace, actionSpace } = spacesOf(env)
    this.options = settingsOf('PPO', DEFAULTS, options)
    const { hidden, activation, seed } = this.options
    this.size = observationSize('PPO', observationSpace)
    this.kind = `PPO on [${this.size}] with ${actionSpace}`
    this.random = new Generator(seed)
    this.shuffles = new NumpyGenerator(seed)
    const generator = this.random
    this.actor = new Actor(actionSpace, { agent: 'PPO', size: this.size, hidden, activation, generator })
    this.critic = orthogonalMlp([this.size, ...hidden, 1], { activation, gain: 1, generator })
    this.parameters = [...this.actor.parameters, ...this.critic.parameters()]
    this.optimizer = new Adam(this.parameters, { eps: 1e-5 })
    this.clip = lastingZeros([])
    const { actor, critic } = this
    this.policy = compile((observations: Tensor) => {
      const outputs = actor.net.forward(observations)
      const actions = actor.draw(outputs)
      return [actions, actor.logProb(outputs, actions), critic.forward(observations).squeeze(-1)]
    })
    this.best = compile((observations: Tensor) => actor.best(actor.net.forward(observations)))
    this.value = compile((observations: Tensor) => critic.forward(observations).squeeze(-1))
  }

  act(observation: ArrayLike<number>, options: ActOptions = {}): ActionOf<E> {
    const actions = tidy(() => this.actMany(rowOf('PPO', observation, this.size), options))
    return actions[0]
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions = {}): ActionOf<E>[] {
    const deterministic = isDeterministic('PPO', options)
    return tidy(() => {
      const rows = observations.reshape([observations.shape[0], this.size])
      const actions = deterministic ? this.best(rows) : this.policy(rows)[0]
      return this.actor.toEnv(actions.data() as Float32Array, rows.shape[0]) as ActionOf<E>[]
    })
  }

  *learn(env: Env | VectorEnv, learning: LearnOptions): IterableIterator<Progress, void> {
    const { steps, seed, before, total, pauses } = learnOptions('PPO', learning)
    const { options } = this
    const envs = sameStepEnvs(env)
    checkSize('PPO', envs, this.size)
    const { nSteps } = options
    const n = envs.numEnvs
    const rows = nSteps * n
    const rollout = this.rollout(rows)
    const update = this.compiledUpdate(rollout)
    const counter = new EpisodeCounter(n)
    const begin = this.steps
    let observations = envs.reset({ seed })[0] as Tensor
    try {
      while (this.steps < begin + steps) {
        const remaining = 1 - (before + this.steps - begin) / total
        this.optimizer.lr = annealed(options.learningRate, remaining)
        const clipRange = annealed(options.clipRange, remaining)
        write(this.clip, [clipRange])
        observations = this.collect(envs, observations, rollout, counter)
        const metrics = yield* this.improve(rollout, update, { rows, pauses })
        yield { steps: this.steps, episodes: counter.take(), metrics: { ...metrics, 'train/clip_range': clipRange } }
      }
    } finally {
      update.dispose()
      observations.dispose()
      for (const x of Object.values(rollout)) x.dispose()
    }
  }

  private rollout(rows: number): Rollout {
    const { width } = this.actor
    return {
      observations: lastingZeros([rows, this.size]),
      actions: width ? lastingZeros([rows, width]) : lastingZeros([rows], 'int32'),
      logProbs: lastingZeros([rows]),
      advantages: lastingZeros([rows]),
      returns: lastingZeros([rows]),
      values: lastingZeros([rows]),
    }
  }

  /** Steps the environments by the policy, fills the rollout, and returns the observations after it. */
  private collect(envs: VectorEnv, first: Tensor, rollout: Rollout, counter: EpisodeCounter): Tensor {
    const { nSteps, gamma, gaeLambda } = this.options
    const n = envs.numEnvs
    const rows = nSteps * n
    const [rewards, terminated, truncated, finalValues] = [0, 0, 0, 0].map(() => new Float64Array(rows))
    const values = new Float64Array(rows)
    let observations = first
    for (let t = 0; t < nSteps; t++) {
      observations = tidy(() => {
        const at = t * n
        const [actions, logProbs, v] = this.policy(observations.reshape([n, this.size]))
        const taken = actions.data() as Float32Array
        write(rollout.observations, observations.data() as Float32Array, at * this.size)
        write(rollout.actions, taken, (at * taken.length) / n)
        write(rollout.logProbs, logProbs.data() as Float32Array, at)
        values.set(v.data() as Float32Array, at)
        const [next, r, terminations, truncations, infos] = envs.step(this.actor.toEnv(taken, n))
        rewards.set(r, at)
        terminated.set(terminations, at)
        truncated.set(truncations, at)
        counter.count(r, terminations, truncations)
        for (let i = 0; i < n; i++) {
          if (!truncations[i] || terminations[i]) continue
          const last = (infos.finalObs as ArrayLike<number>[])[i]
          finalValues[at + i] = this.value(tensor([Array.from(last)])).item()
        }
        observations.dispose()
        return next as Tensor
      })
      this.steps += n
    }
    const bootstrapValue = tidy(() => this.value(observations.reshape([n, this.size])).data() as Float32Array)
    const estimate = gae(
      { rewards, values, bootstrapValue, terminated, truncated, finalValues },
      { gamma, lambda: gaeLambda, environments: n },
    )
    write(rollout.advantages, estimate.advantages)
    write(rollout.returns, estimate.returns)
    write(rollout.values, values)
    return observations
  }

  /** One step of the optimiser on the rows that an index names; gives the numbers that are logged. */
  private compiledUpdate(rollout: Rollout): Compiled<[Tensor], Tensor> {
    const { normalizeAdvantage, clipRangeVf, entCoef, vfCoef, maxGradNorm } = this.options
    return compile((index: Tensor) => {
      const [observations, actions, oldLogProbs, drawn, returns, oldValues] = Object.values(rollout).map((x: Tensor) =>
        x.take(index),
      )
      const advantages = normalizeAdvantage ? normalized(drawn) : drawn
      const { grads, aux } = valueAndGrad(() => {
        const outputs = this.actor.net.forward(observations)
        const logProbs = this.actor.logProb(outputs, actions)
        const policyLoss = ppoPolicyLoss(logProbs, oldLogProbs, advantages, this.clip)
        const values = this.critic.forward(observations).squeeze(-1)
        const valueLoss = ppoValueLoss(
          values,
          returns,
          clipRangeVf === null ? undefined : { oldValues, clip: clipRangeVf },
        )
        const entropy = this.actor.entropy(outputs)
        const loss = policyLoss.add(valueLoss.mul(2 * vfCoef)).sub(entropy.mul(entCoef))
        return [loss, { loss, policyLoss, valueLoss, entropy, logProbs }] as const
      }, this.parameters)
      const clipped = clipGradNorm(grads as Tensor[], maxGradNorm)
      this.optimizer.step(clipped.grads)
      const ratio = aux.logProbs.sub(oldLogProbs)
      const approxKl = ratio.exp().sub(1).sub(ratio).mean()
      const clipFraction = ratio.exp().sub(1).abs().gt(this.clip).cast('float32').mean()
      return stack([aux.loss, aux.policyLoss, aux.valueLoss.mul(2), aux.entropy.neg(), approxKl, clipFraction])
    })
  }

  /** Several passes over the rollout in minibatches; returns means of what was logged. */
  private *improve(
    rollout: Rollout,
    update: Compiled<[Tensor], Tensor>,
    { rows, pauses }: { rows: number; pauses: boolean },
  ): IterableIterator<Progress, Record<string, number>> {
    const { nEpochs, targetKl } = this.options
    const batchSize = Math.min(this.options.batchSize, rows)
    const sums = new Float64Array(6)
    let count = 0
    passes: for (let epoch = 0; epoch < nEpochs; epoch++) {
      const order = this.shuffles.permutation(rows)
      for (let from = 0; from + batchSize <= rows; from += batchSize) {
        const seen = tidy(() => update(tensor(order.subarray(from, from + batchSize), { dtype: 'int32' })).data())
        count++
        for (let k = 0; k < sums.length; k++) sums[k] += Number(seen[k])
        if (pauses) yield PAUSE
        if (targetKl !== null && Number(seen[4]) > 1.5 * targetKl) break passes
      }
    }
    this.updates += count
    const [loss, policyLoss, valueLoss, entropyLoss, approxKl, clipFraction] = sums.map((s) => s / count)
    if (!Number.isFinite(loss)) {
      throw new RangeError(
        `PPO: the loss is ${loss} after ${this.steps} steps (policy ${policyLoss}, value ${valueLoss})`,
      )
    }
    return {
      'train/loss': loss,
      'train/policy_gradient_loss': policyLoss,
      'train/value_loss': valueLoss,
      'train/entropy_loss': entropyLoss,
      'train/approx_kl': approxKl,
      'train/clip_fraction': clipFraction,
      'train/explained_variance': explainedVariance(
        rollout.values.data() as Float32Array,
        rollout.returns.data() as Float32Array,
      ),
      ...this.actor.spread(),
      'train/learning_rate': this.optimizer.lr,
      'train/n_updates': this.updates,
    }
  }

  private get state(): AgentState {
    const { actor, critic, optimizer, random, shuffles, steps, updates } = this
    const tensors = {
      ...actor.stateDict(),
      ...prefixed('critic', critic.stateDict()),
      ...prefixed('optimizer', optimizer.stateDict()),
      random: random.state,
    }
    return { tensors, values: { steps, updates, shuffles: shuffles.save() } }
  }

  /** Weights, state of the optimiser and of the random numbers, as the bytes of a safetensors file. */
  save(): Uint8Array {
    return saveAgent(this.kind, this.state)
  }

  /** Goes on from what `save` gave. @throws FormatError for a checkpoint of another agent, or of other sizes */
  load(checkpoint: Uint8Array): void {
    const values = loadAgent(this.kind, this.state, checkpoint)
    this.steps = values.steps as number
    this.updates = values.updates as number
    this.shuffles.restore(values.shuffles as number[])
  }

  /** Frees weights and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.best, this.value]) f.dispose()
    this.optimizer.dispose()
    for (const x of [...this.parameters, this.clip, this.random.state]) x.dispose()
  }
}
