// The public API of @x/rl.

export { cemUpdate, type LqrProblem, type LqrSolution, lqr, quadraticCost } from './arithmetic/control.ts'
export {
  categoricalEntropy,
  categoricalKl,
  categoricalLogProb,
  normalEntropy,
  normalLogProb,
  squashedNormalLogProb,
} from './arithmetic/distributions.ts'
export {
  bootstrapped,
  chosen,
  dqnLoss,
  dqnTarget,
  dueling,
  normalized,
  ppoPolicyLoss,
  ppoStatistics,
  ppoValueLoss,
  projectDistribution,
  quantileHuberLoss,
  quantileHuberLosses,
  reinforceLoss,
  sacPolicyLoss,
  sacTarget,
  smoothedAction,
  temperatureLoss,
} from './arithmetic/losses.ts'
export {
  bradleyTerryLoss,
  type DpoOptions,
  dpoLoss,
  type GrpoInputs,
  type GrpoOptions,
  groupAdvantages,
  grpoLoss,
  klK3,
  type PreferenceLogProbs,
  tokenLogProbs,
  tokenRewards,
} from './arithmetic/preferences.ts'
export { importanceWeights, SumTree } from './arithmetic/priorities.ts'
export {
  discountedReturns,
  discountedSum,
  explainedVariance,
  type GaeInputs,
  type GaeOptions,
  gae,
  nStepReturns,
  type ReturnsOptions,
  type VTraceInputs,
  vtrace,
} from './arithmetic/returns.ts'
export type { ArmSource } from './bandits/agent.ts'
export { EpsilonGreedyBandit, type EpsilonGreedyOptions } from './bandits/epsilonGreedy.ts'
export { GradientBandit, gradientBanditStep, softmaxProbabilities } from './bandits/gradient.ts'
export { ThompsonSampling } from './bandits/thompson.ts'
export { KLUCB, klUpperBound, UCB, upperConfidenceBounds } from './bandits/ucb.ts'
export type {
  Env,
  EnvSpec,
  Info,
  Rendered,
  RenderMode,
  ResetOptions,
  StepResult,
} from './env/env.ts'
export { EnvContractError, EnvNotFoundError, InvalidActionError, ResetNeededError } from './env/errors.ts'
export {
  type EnvClass,
  type KnownEnv,
  type KnownEnvs,
  type MakeOptions,
  make,
  register,
  registeredIds,
  spec,
} from './env/registry.ts'
export { Bandit, type BanditOptions } from './envs/book/bandit.ts'
export { Gambler, type GamblerOptions, RandomWalk, type RandomWalkOptions } from './envs/book/chains.ts'
export { Gridworld4x4, Gridworld5x5, WindyGridworld, type WindyGridworldOptions } from './envs/book/gridworlds.ts'
export { Acrobot, type AcrobotOptions, type BookOrNips } from './envs/control/acrobot.ts'
export { CartPole, type CartPoleOptions, type KinematicsIntegrator } from './envs/control/cartPole.ts'
export { MountainCar, MountainCarContinuous, type MountainCarOptions } from './envs/control/mountainCar.ts'
export { Pendulum, type PendulumOptions } from './envs/control/pendulum.ts'
export { type FiniteMdp, TabularEnv, type Transition } from './envs/mdp.ts'
export { Blackjack, type BlackjackObservation, type BlackjackOptions } from './envs/toy/blackjack.ts'
export { blackjackMdp, blackjackState } from './envs/toy/blackjackMdp.ts'
export { CliffWalking, type CliffWalkingOptions } from './envs/toy/cliffWalking.ts'
export { FrozenLake, type FrozenLakeOptions, generateRandomMap, type RandomMapOptions } from './envs/toy/frozenLake.ts'
export { Taxi, type TaxiOptions } from './envs/toy/taxi.ts'
export { NumpyGenerator, npRandom } from './random/generator.ts'
export { categoricalSample } from './random/sample.ts'
export type { Seed } from './random/seedSequence.ts'
export {
  type Color,
  type DrawCommand,
  type Drawing,
  type PaintContext,
  type Point,
  paint,
} from './render/drawing.ts'
export { type Frame, rasterize } from './render/raster.ts'
export type { RenderOptions } from './render/rendered.ts'
export { Box, type BoxOptions } from './spaces/box.ts'
export { Dict, type Elements, type Entries, Tuple } from './spaces/composite.ts'
export { Discrete } from './spaces/discrete.ts'
export { batchSpace, flatdim, flatten, flattenSpace, unflatten } from './spaces/flatten.ts'
export { MultiBinary, MultiDiscrete } from './spaces/multi.ts'
export type { SampleMask, SampleOptions, Space, SpaceArrays, SpaceDType } from './spaces/space.ts'
export type { Step } from './tabular/control.ts'
export { DoubleQLearning } from './tabular/doubleQLearning.ts'
export { DynaQ, type DynaQOptions } from './tabular/dynaQ.ts'
export { ExpectedSarsa } from './tabular/expectedSarsa.ts'
export { LinearTD, type LinearTdOptions, stationaryDistribution, tdFixedPoint } from './tabular/linearTD.ts'
export {
  MonteCarloControl,
  type MonteCarloOptions,
  MonteCarloPrediction,
  OffPolicyMonteCarlo,
  type VisitKind,
  weightedImportanceSampling,
} from './tabular/monteCarlo.ts'
export { NStepSarsa } from './tabular/nStepSarsa.ts'
export { type Evaluation, evaluatePolicy, type SweepOptions, solvePolicy } from './tabular/policyEvaluation.ts'
export { type PolicyIterationOptions, policyIteration, type Solution } from './tabular/policyIteration.ts'
export { QLearning } from './tabular/qLearning.ts'
export { Sarsa } from './tabular/sarsa.ts'
export type { TableSource, TabularOptions } from './tabular/tables.ts'
export { NStepTD, TD, type TdOptions, type TraceKind } from './tabular/td.ts'
export { SarsaLambda, type TraceOptions, WatkinsQLambda } from './tabular/traces.ts'
export { finiteHorizon, valueIteration } from './tabular/valueIteration.ts'
export {
  type ActionValues,
  actionValues,
  argmax,
  epsilonGreedy,
  greedyActions,
  greedyPolicy,
  type Policy,
  softPolicy,
  startValue,
  uniformPolicy,
} from './tabular/values.ts'
export {
  type ActOptions,
  type Agent,
  type EpisodeResult,
  type LearnOptions,
  linearSchedule,
  PAUSE,
  type Progress,
  type Schedule,
} from './training/agent.ts'
export { bestReturn, bestReturnOf } from './training/bestReturn.ts'
export {
  type Acting,
  type AgentEvaluation,
  type BatchAgent,
  type EvaluateOptions,
  type EvaluationEnv,
  evaluate,
} from './training/evaluate.ts'
export { progressLine, textCurve, toCsv, toJsonLines } from './training/log.ts'
export {
  type AsyncTrainable,
  type BestEvaluation,
  type Callback,
  type CheckpointOptions,
  type EvaluationOptions,
  type Learner,
  type LogRow,
  type Savable,
  type Trainable,
  type TrainOptions,
  type TrainResult,
  train,
  trainAsync,
} from './training/train.ts'
export { KernelVectorEnv, type KernelVectorEnvOptions } from './vector/kernelVectorEnv.ts'
export { type MakeVecOptions, makeVec } from './vector/makeVec.ts'
export { SyncVectorEnv } from './vector/syncVectorEnv.ts'
export type {
  AutoresetMode,
  Batch,
  BatchOf,
  VectorEnv,
  VectorInfo,
  VectorResetOptions,
  VectorStepResult,
} from './vector/vectorEnv.ts'
export type { Vectorizable, Vectorized } from './vector/vectorized.ts'
export { OrderEnforcing, PassiveEnvChecker, TimeLimit } from './wrappers/guards.ts'
export {
  DelayObservation,
  FrameStackObservation,
  MaxAndSkipObservation,
  TimeAwareObservation,
  type TimeAwareOptions,
} from './wrappers/memory.ts'
export { NormalizeObservation, NormalizeReward } from './wrappers/normalize.ts'
export { RunningMeanStd } from './wrappers/runningMeanStd.ts'
export { type EpisodeStatistics, RecordEpisodeStatistics } from './wrappers/statistics.ts'
export {
  ClipAction,
  ClipObservation,
  ClipReward,
  FlattenObservation,
  RescaleAction,
  RescaleObservation,
  TransformAction,
  TransformObservation,
  TransformReward,
} from './wrappers/transform.ts'
export { Wrapper } from './wrappers/wrapper.ts'
