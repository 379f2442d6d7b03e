// Settings that were tuned: small networks that solve their task in seconds.
import type { DQNOptions } from './dqn.ts'
import type { PPOOptions } from './ppo.ts'
import type { SACOptions } from './sac.ts'
import type { TD3Options } from './td3.ts'

export interface Preset<Options> {
  /** How many environments to learn in. */
  readonly numEnvs: number
  /** Environment steps to learn for. */
  readonly steps: number
  readonly options: Readonly<Options>
}

/**
 * Settings for PPO by environment.
 * @example
 * import { makeVec, train } from '@x/rl'
 * import { PPO, ppoPresets } from '@x/rl/agents'
 * const { numEnvs, options } = ppoPresets['CartPole-v1']
 * const envs = makeVec('CartPole-v1', { numEnvs, autoresetMode: 'same-step' })
 * train(new PPO(envs, options), envs, { steps: 1000, seed: 0 })
 */
export const ppoPresets: Readonly<Record<'CartPole-v1' | 'Acrobot-v1' | 'Pendulum-v1', Preset<PPOOptions>>> = {
  'CartPole-v1': {
    numEnvs: 16,
    steps: 50_000,
    options: {
      hidden: [32, 32],
      nSteps: 32,
      batchSize: 128,
      nEpochs: 10,
      gamma: 0.98,
      gaeLambda: 0.9,
      learningRate: (remaining) => 2e-3 * remaining,
      clipRange: (remaining) => 0.2 * remaining,
    },
  },
  'Acrobot-v1': {
    numEnvs: 8,
    steps: 100_000,
    options: {
      nSteps: 64,
      batchSize: 128,
      nEpochs: 8,
      gaeLambda: 0.94,
      learningRate: (remaining) => 1.5e-3 * remaining,
      clipRange: (remaining) => 0.2 * remaining,
    },
  },
  'Pendulum-v1': {
    numEnvs: 4,
    steps: 100_000,
    options: { nSteps: 512, batchSize: 64, nEpochs: 10, gamma: 0.9, learningRate: 1e-3 },
  },
}

/** Settings for DQN by environment; keep the best checkpoint, for its values swing to the end. */
export const dqnPresets: Readonly<Record<'CartPole-v1' | 'MountainCar-v0', Preset<DQNOptions>>> = {
  'CartPole-v1': {
    numEnvs: 1,
    steps: 50_000,
    options: { learningRate: 4e-3, nStep: 5, explorationFinalEps: 0.04 },
  },
  'MountainCar-v0': {
    numEnvs: 1,
    steps: 120_000,
    options: {
      activation: 'tanh',
      scaleObservations: true,
      learningRate: 3e-3,
      nStep: 3,
      explorationFraction: 0.05,
    },
  },
}

/** Settings for SAC by environment. */
export const sacPresets: Readonly<Record<'Pendulum-v1', Preset<SACOptions>>> = {
  'Pendulum-v1': { numEnvs: 1, steps: 10_000, options: { learningRate: 2e-3, batchSize: 64, tau: 0.01 } },
}

/** Settings for TD3 by environment. */
export const td3Presets: Readonly<Record<'Pendulum-v1', Preset<TD3Options>>> = {
  'Pendulum-v1': {
    numEnvs: 1,
    steps: 10_000,
    options: { learningRate: 2e-3, batchSize: 64, gamma: 0.98, tau: 0.02, learningStarts: 500 },
  },
}

/** Settings for DDPG by environment. */
export const ddpgPresets: Readonly<Record<'Pendulum-v1', Preset<TD3Options>>> = {
  'Pendulum-v1': { numEnvs: 1, steps: 10_000, options: { batchSize: 128 } },
}
