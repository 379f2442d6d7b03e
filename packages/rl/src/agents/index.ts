// @x/rl/agents: deep agents, one algorithm a file.
export { A2C, type A2COptions } from './a2c.ts'
export { Actor } from './actor.ts'
export type { Annealed } from './annealed.ts'
export { DQN, type DQNOptions } from './dqn.ts'
export { PPO, type PPOOptions } from './ppo.ts'
export { dqnPresets, type Preset, ppoPresets } from './presets.ts'
export { Reinforce, type ReinforceOptions } from './reinforce.ts'
