// @x/rl/planning: control and planning, with models that are known and models that are learned.
export { type CrossEntropyOptions, crossEntropyMethod } from './crossEntropyMethod.ts'
export { LearnedModel, type LearnedModelOptions } from './learnedModel.ts'
export { type Linearization, LQR, type LQROptions, linearize } from './lqr.ts'
export {
  type Controls,
  controlsOf,
  type Model,
  type Simulator,
  TrueModel,
  type TrueModelOptions,
} from './model.ts'
export { ModelBasedAgent, type ModelBasedOptions } from './modelBased.ts'
export { MPC, type MPCOptions } from './mpc.ts'
export { type Plan, randomShooting, type ShootingOptions } from './randomShooting.ts'
