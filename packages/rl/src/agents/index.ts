// @x/rl/agents: deep agents, one algorithm a file.
export { type Annealed, PPO, type PPOOptions } from './ppo.ts'
