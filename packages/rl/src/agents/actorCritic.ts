// An actor and a critic of their own layers: the policy π(a|s) and the value V(s) that PPO, A2C and A3C learn.
import type { Sequential } from '@x/nn'
import { type Compiled, compile, type Generator, type Tensor, tidy } from '@x/tensor'
import type { Space } from '../spaces/space.ts'
import { type ActOptions, isDeterministic } from '../training/agent.ts'
import { Actor } from './actor.ts'
import { prefixed } from './checkpoint.ts'
import { mlp, observationSize, rowOf, rowsOf } from './networks.ts'

export interface ActorCriticOptions {
  /** Whose it is, for messages. */
  readonly agent: string
  readonly hidden: readonly number[]
  readonly activation: 'tanh' | 'relu'
  /** Of weights and of actions. */
  readonly generator: Generator
  /** Whether `policy` also gives the log-probabilities of its actions. Default false */
  readonly hasLogProbs?: boolean
}

/** The two networks, compiled for acting, and what every agent does that has them. */
export class ActorCritic {
  readonly actor: Actor
  readonly critic: Sequential
  readonly parameters: Tensor[]
  /** Numbers of an observation. */
  readonly size: number
  /** Observations [B, size] → drawn actions [B] or [B, D], values [B], log π [B] of the actions. */
  readonly policy: Compiled<[Tensor], Tensor[]>
  /** Observations [B, size] → values [B]. */
  readonly value: Compiled<[Tensor], Tensor>
  private readonly best: Compiled<[Tensor], Tensor>
  private readonly agent: string
  private readonly generator: Generator

  /** @throws TypeError for observations that are no vectors, or actions that are neither Discrete nor a Box */
  constructor(
    spaces: { observationSpace: Space; actionSpace: Space },
    { agent, hidden, activation, generator, hasLogProbs = false }: ActorCriticOptions,
  ) {
    this.agent = agent
    this.generator = generator
    const size = observationSize(agent, spaces.observationSpace)
    const actor = new Actor(spaces.actionSpace, { agent, size, hidden, activation, generator })
    const critic = mlp([size, ...hidden, 1], { activation, gain: 1, generator })
    this.size = size
    this.actor = actor
    this.critic = critic
    this.parameters = [...actor.parameters, ...critic.parameters()]
    this.policy = compile((observations: Tensor) => {
      const outputs = actor.net.forward(observations)
      const actions = actor.draw(outputs)
      return [actions, this.values(observations), ...(hasLogProbs ? [actor.logProb(outputs, actions)] : [])]
    })
    this.value = compile((observations: Tensor) => this.values(observations))
    this.best = compile((observations: Tensor) => actor.best(actor.net.forward(observations)))
  }

  /** V(s), differentiable: observations [B, size] → [B]. */
  values(observations: Tensor): Tensor {
    return this.critic.forward(observations).squeeze(-1)
  }

  /** @throws RangeError for an observation of another size or with NaN, or an unknown option */
  act(observation: ArrayLike<number>, options: ActOptions): number | Float32Array {
    return tidy(() => this.actMany(rowOf(this.agent, observation, this.size), options)[0])
  }

  /** Actions for rows of observations [n, …]. */
  actMany(observations: Tensor, options: ActOptions): (number | Float32Array)[] {
    const deterministic = isDeterministic(this.agent, options)
    return tidy(() => {
      const rows = rowsOf(observations, this.size)
      const actions = deterministic ? this.best(rows) : this.policy(rows)[0]
      return this.actor.toEnv(actions.data() as Float32Array, rows.shape[0])
    })
  }

  stateDict(): Record<string, Tensor> {
    return { ...this.actor.stateDict(), ...prefixed('critic', this.critic.stateDict()) }
  }

  /** Frees weights, random state and compiled functions now. */
  dispose(): void {
    for (const f of [this.policy, this.value, this.best]) f.dispose()
    for (const x of [...this.parameters, this.generator.state]) x.dispose()
  }
}
