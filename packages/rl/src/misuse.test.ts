import { tensor } from '@x/tensor'
import { describe, expect, test } from 'vitest'
import { A2C, DQN, PPO, Reinforce, SAC, TD3 } from './agents/index.ts'
import type { Env } from './env/env.ts'
import { register, registeredIds, spec } from './env/registry.ts'
import {
  Box,
  CartPole,
  CliffWalking,
  ClipAction,
  ClipObservation,
  ClipReward,
  DelayObservation,
  Discrete,
  DoubleQLearning,
  DynaQ,
  discountedReturns,
  dpoLoss,
  dqnLoss,
  EnvContractError,
  ExpectedSarsa,
  evaluate,
  evaluatePolicy,
  FrameStackObservation,
  finiteHorizon,
  GradientBandit,
  gae,
  InvalidActionError,
  KernelVectorEnv,
  LinearTD,
  lqr,
  MaxAndSkipObservation,
  MonteCarloControl,
  MonteCarloPrediction,
  make,
  makeVec,
  NormalizeObservation,
  NormalizeReward,
  NStepSarsa,
  NStepTD,
  nStepReturns,
  OffPolicyMonteCarlo,
  policyIteration,
  QLearning,
  RecordEpisodeStatistics,
  ResetNeededError,
  Sarsa,
  SarsaLambda,
  SumTree,
  SyncVectorEnv,
  smoothedAction,
  solvePolicy,
  TD,
  TimeAwareObservation,
  TimeLimit,
  TransformReward,
  textCurve,
  toCsv,
  train,
  UCB,
  valueIteration,
  vtrace,
  WatkinsQLambda,
} from './index.ts'
import { LQR, MPC, TrueModel } from './planning/index.ts'
import { checkEnv } from './testing.ts'

const any = (x: unknown): never => x as never
const ids = registeredIds()
const kinds = ['kernel', 'sync'] as const
/** Something outside of the environment's action space. */
const outside = (env: Env): unknown => (env.actionSpace instanceof Discrete ? env.actionSpace.n : [1, 2])

describe.each(ids)('%s', (id) => {
  test('step before reset, actions outside the space, seeds in place of options', () => {
    const env = make(id as string) as Env
    expect(() => env.step(env.actionSpace.sample())).toThrow(ResetNeededError)
    expect(() => env.step(env.actionSpace.sample())).toThrow(`${id}: step() before reset()`)
    env.reset({ seed: 0 })
    expect(() => env.step(outside(env))).toThrow(InvalidActionError)
    for (const wrong of [Number.NaN, undefined, 'left', [Number.NaN]]) {
      expect(() => env.step(wrong)).toThrow(InvalidActionError)
    }
    expect(() => env.reset(any(42))).toThrow('options are an object, such as { seed: 42 }, not 42')
    expect(() => env.reset(any({ sead: 42 }))).toThrow("there is no option 'sead'")
    expect(() => env.reset({ seed: -1 })).toThrow('seed: -1 is not a whole number ≥ 0')
    expect(() => make(id as string, any({ colour: 1 }))).toThrow("there is no option 'colour'")
    expect(() => make(id as string, any(4))).toThrow(
      'make: options are an object, such as { maxEpisodeSteps: 200 }, not 4',
    )
  })

  test('the bare environment names them too', () => {
    const known = spec(id as string)
    const env = known.entryPoint(known.kwargs ?? {})
    expect(() => env.step(env.actionSpace.sample())).toThrow(ResetNeededError)
    env.reset({ seed: 0 })
    expect(() => env.step(outside(env))).toThrow(InvalidActionError)
    expect(() => env.reset(any(42))).toThrow('options are an object')
  })

  // Bandits have no kernel.
  test.each(kinds.filter((kind) => kind === 'sync' || id !== 'Bandit-v0'))('several of them, %s', (vectorization) => {
    const envs = makeVec(id as string, { numEnvs: 2, vectorization })
    const good = [0, 1].map(() => envs.singleActionSpace.sample())
    expect(() => envs.step(good)).toThrow(ResetNeededError)
    expect(() => envs.reset(any(42))).toThrow('options are an object, such as { seed: 42 }, not 42')
    expect(() => envs.reset(any({ sead: 42 }))).toThrow("there is no option 'sead'")
    envs.reset({ seed: 0 })
    const one = envs.singleActionSpace instanceof Discrete ? envs.singleActionSpace.n : [Number.NaN]
    expect(() => envs.step([good[0], one])).toThrow(InvalidActionError)
    expect(() => envs.step([good[0], one])).toThrow('environment 1')
    expect(() => envs.step([good[0]])).toThrow('step: 1 actions for 2 environments')
    expect(() => envs.step(any(undefined))).toThrow(/step: .* for 2 environments/)
    envs.close()
  })
})

test('makeVec', () => {
  expect(() => makeVec('CartPole-v1', any(4))).toThrow('makeVec: options are an object, such as { numEnvs: 4 }, not 4')
  expect(() => makeVec('CartPole-v1', any({ numEnv: 4 }))).toThrow("there is no option 'numEnv'")
  for (const numEnvs of [0, 1.5, Number.NaN, '4']) {
    const shown = typeof numEnvs === 'string' ? `'${numEnvs}'` : numEnvs
    expect(() => makeVec('CartPole-v1', any({ numEnvs }))).toThrow(`numEnvs ${shown} is not a whole number ≥ 1`)
  }
  expect(() => makeVec('CartPole-v1', any({ autoresetMode: 'never' }))).toThrow("autoresetMode 'never'")
  expect(() => makeVec('CartPole-v1', any({ vectorization: 'async' }))).toThrow("vectorization 'async'")
  for (const vectorization of kinds) {
    for (const maxEpisodeSteps of [0, 1.5, -2, Number.NaN]) {
      const made = (): unknown => makeVec('CartPole-v1', { vectorization, maxEpisodeSteps })
      expect(made).toThrow(`makeVec: maxEpisodeSteps ${maxEpisodeSteps} is not a whole number ≥ 1`)
    }
  }
  expect(() => makeVec('CartPoll-v1')).toThrow('did you mean')
})

describe('environments of your own', () => {
  const corridor = (result: unknown[]): Env => ({
    observationSpace: new Box(-1, 1, { shape: [2] }),
    actionSpace: new Discrete(2),
    reset: () => [new Float32Array(2), {}],
    step: () => result as never,
  })
  const NAN = [new Float32Array(2), Number.NaN, false, false, {}]
  const WIDE = [new Float32Array(3), 1, false, false, {}]

  test('rewards that are no numbers, where they come in', () => {
    register({ id: 'test/Nan-v0', entryPoint: () => corridor(NAN) })
    for (const [name, Agent] of Object.entries({ PPO, A2C, Reinforce, DQN })) {
      const agent = new (Agent as typeof PPO)(corridor(NAN), { hidden: [4] })
      expect(() => train(agent, corridor(NAN), { steps: 50 }), name).toThrow('the reward NaN at step 1 of its episode')
      const checked = make('test/Nan-v0')
      expect(() => train(agent, checked, { steps: 50 }), name).toThrow('test/Nan-v0: step() gave the reward NaN')
      agent.dispose()
    }
    const still = { act: () => 0 }
    const several = (n: number): SyncVectorEnv =>
      new SyncVectorEnv(
        Array.from({ length: n }, () => () => corridor(NAN)),
        { autoresetMode: 'same-step' },
      )
    expect(() => evaluate(still, several)).toThrow('evaluate: environment 0: step() gave the reward NaN at step 1')
  })

  test('observations of another shape', () => {
    const envs = new SyncVectorEnv([() => corridor(WIDE)])
    envs.reset()
    expect(() => envs.step([0])).toThrow(EnvContractError)
    expect(() => envs.step([0])).toThrow('environment 0 gave an observation of 3 numbers, not one from Box')
    register({ id: 'test/Wide-v0', entryPoint: () => corridor(WIDE) })
    const wide = make('test/Wide-v0')
    wide.reset()
    expect(() => wide.step(0)).toThrow('test/Wide-v0: the observation of step() is Float32Array [0,0,0]')
    for (const [name, Agent] of Object.entries({ PPO, A2C, Reinforce, DQN, SAC, TD3 })) {
      const isBox = name === 'SAC' || name === 'TD3'
      const env = { ...corridor(WIDE), ...(isBox && { actionSpace: new Box(-1, 1) }) }
      const agent = new (Agent as typeof PPO)(env, { hidden: [4] })
      expect(() => train(agent, env, { steps: 50 }), name).toThrow('an observation of 3 numbers')
      agent.dispose()
    }
  })
})

const pole = (): Env => make('CartPole-v1') as Env

const methods = {
  ...{ QLearning, Sarsa, ExpectedSarsa, DoubleQLearning, DynaQ, NStepSarsa, SarsaLambda, WatkinsQLambda },
  ...{ MonteCarloControl, OffPolicyMonteCarlo, TD, NStepTD, MonteCarloPrediction },
}

test.each(Object.entries(methods))('%s', (name, Method) => {
  const of = (options: unknown, source: unknown = make('FrozenLake-v1')): unknown =>
    new Method(source as never, options as never)
  expect(() => of({ gama: 1 })).toThrow(`${name}: there is no option 'gama'; there are`)
  expect(() => of(0.5)).toThrow(`${name}: options are an object`)
  expect(() => of({ gamma: 2 })).toThrow('gamma 2 is not in [0, 1]')
  expect(() => of({ gamma: '1' })).toThrow("gamma '1' is not in [0, 1]")
  expect(() => of({}, { states: 0, actions: 2 })).toThrow(`${name}: states 0 is not a whole number ≥ 1`)
  expect(() => of({}, pole())).toThrow('a table needs a finite space')
  const takes = (option: string): boolean => !/MonteCarloPrediction|TD/.test(name) || option === 'alpha'
  if (takes('epsilon')) expect(() => of({ epsilon: 2 })).toThrow(`${name}: epsilon 2 is not in [0, 1]`)
  if (takes('alpha') && !/MonteCarloPrediction|OffPolicy/.test(name)) {
    expect(() => of({ alpha: 'x' })).toThrow(`${name}: alpha 'x' is not in (0, 1]`)
  }
})

test('wrappers', () => {
  const env = make('Pendulum-v1') as never
  const wrong: [string, () => unknown][] = [
    ['there is no option', () => new NormalizeObservation(env, any({ eps: 1 }))],
    ['NormalizeObservation: options are an object', () => new NormalizeObservation(env, any(1))],
    ['NormalizeObservation: epsilon -1', () => new NormalizeObservation(env, { epsilon: -1 })],
    ['there is no option', () => new NormalizeReward(env, any({ discount: 1 }))],
    ['NormalizeReward: gamma 2', () => new NormalizeReward(env, { gamma: 2 })],
    ['there is no option', () => new FrameStackObservation(env, 2, any({ pad: 'zero' }))],
    ['FrameStackObservation: size 0', () => new FrameStackObservation(env, 0)],
    ['DelayObservation: delay -1', () => new DelayObservation(env, -1)],
    ['MaxAndSkipObservation: skip 1', () => new MaxAndSkipObservation(env, 1)],
    ['there is no option', () => new TimeAwareObservation(env, any({ flat: true }))],
    ['there is no option', () => new RecordEpisodeStatistics(env, any({ length: 3 }))],
    ['RecordEpisodeStatistics: bufferLength 0', () => new RecordEpisodeStatistics(env, { bufferLength: 0 })],
    ['TimeLimit: 0', () => new TimeLimit(env, 0)],
    ['ClipReward: [1, 0] is empty', () => new ClipReward(env, 1, 0)],
    ['ClipObservation: [1, 0] is empty', () => new ClipObservation(env, 1, 0)],
    ['ClipAction: Discrete(2) is not a Box', () => new ClipAction(any(pole()))],
  ]
  for (const [message, misuse] of wrong) expect(misuse, message).toThrow(message)
  const clipped = new ClipObservation(env, -0.5, 0.5)
  expect(clipped.observationSpace.toString()).toBe('Box(-0.5, 0.5, [3], float32)')
  const [observation] = clipped.reset({ seed: 0 })
  expect(Array.from(observation).every((x) => Math.abs(x) <= 0.5)).toBe(true)
  expect(clipped.observationSpace.contains(clipped.step(new Float32Array(1))[0])).toBe(true)
})

test('train and evaluate', () => {
  const env = make('CliffWalking-v1')
  const agent = new QLearning(env)
  const run = (options: unknown): unknown => train(agent, env, options as never)
  expect(() => run(500)).toThrow('train: options are an object, such as { steps: 50000 }, not 500')
  expect(() => run({ steps: 5, sed: 1 })).toThrow("train: there is no option 'sed'; there are steps, seed, callbacks")
  expect(() => run({ steps: Number.NaN })).toThrow('train: NaN is not a number of steps ≥ 1')
  expect(() => run({ steps: 5, window: 0 })).toThrow('train: window 0 is not a whole number ≥ 1')
  expect(() => run({ steps: 5, callbacks: () => true })).toThrow('train: callbacks are not a list')
  expect(() => run({ steps: 5, evaluation: 'CliffWalking-v1' })).toThrow("such as { env: 'CartPole-v1' }")
  expect(() => run({ steps: 5, evaluation: { env: 'A-v0', evry: 2 } })).toThrow("evaluation: there is no option 'evry'")
  expect(() => run({ steps: 5, evaluation: { env: 'A-v0', every: 0 } })).toThrow('evaluation.every 0')
  expect(() => run({ steps: 5, checkpoint: { every: 2 } })).toThrow('checkpoint.write is undefined, not a function')
  expect(() => run({ steps: 5, checkpoint: { every: 2, write: () => 0 } })).toThrow('needs a seed')
  expect(() => evaluate(agent, 'CliffWalking-v1', any(10))).toThrow('evaluate: options are an object')
  expect(() => evaluate(agent, 'CliffWalking-v1', { episodes: 0 })).toThrow(
    'evaluate: episodes 0 is not a whole number',
  )
})

test('numbers of environments', () => {
  const wrong: [string, () => unknown][] = [
    ['Acrobot: torqueNoiseMax -1 is not a number ≥ 0', () => make('Acrobot-v1', { torqueNoiseMax: -1 })],
    ["Acrobot: bookOrNips 'x' is none of", () => make('Acrobot-v1', { bookOrNips: any('x') })],
    ['MountainCar: goalVelocity NaN', () => make('MountainCar-v0', { goalVelocity: Number.NaN })],
    ["Pendulum: g '10' is not a finite number", () => make('Pendulum-v1', { g: any('10') })],
    ['CartPole: length 0 is not a number > 0', () => make('CartPole-v1', { length: 0 })],
    ["kinematicsIntegrator 'verlet' is none of", () => make('CartPole-v1', { kinematicsIntegrator: any('verlet') })],
    ['Taxi: rainyProbability 2 is not in [0, 1]', () => make('Taxi-v4', { rainyProbability: 2 })],
    ['FrozenLake: successRate -1', () => make('FrozenLake-v1', { successRate: -1 })],
    ['RandomWalk: leftReward Infinity', () => make('RandomWalk-v0', { leftReward: Number.POSITIVE_INFINITY })],
    ['maxEpisodeSteps -3', () => new KernelVectorEnv(new CartPole(), { numEnvs: 2, maxEpisodeSteps: -3 })],
  ]
  for (const [message, misuse] of wrong) expect(misuse, message).toThrow(message)
  const swing = make('Pendulum-v1')
  expect(() => swing.reset({ options: { xInit: -1 } })).toThrow('Pendulum.reset: xInit -1 is not a number ≥ 0')
})

test('returns and losses', () => {
  const [one, two] = [[1], [1, 1]]
  const steps = { rewards: two, values: two, bootstrapValue: one, terminated: two }
  const rest = { gamma: 1, lambda: 1 }
  const inputs = { ratios: two, rewards: two, values: one, bootstrapValue: 0, terminated: two }
  const x = tensor([0])
  const pairs = { chosen: x, rejected: x, referenceChosen: x, referenceRejected: x }
  const wrong: [string, () => unknown][] = [
    ["gae: there is no option 'gama'", () => gae(steps, any({ gama: 1, lambda: 1 }))],
    ['gae: 1 values for 2 rewards', () => gae({ ...steps, values: one }, rest)],
    ['gae: episodes were cut', () => gae({ ...steps, terminated: [0, 0], truncated: two }, rest)],
    ['discountedReturns: 1 done for 2', () => discountedReturns(two, one, null, { gamma: 1 })],
    ['nStepReturns: 1 truncated for 2', () => nStepReturns(two, two, one, { gamma: 1, n: 2 })],
    ['vtrace: 1 values for 2 rewards', () => vtrace(inputs, { gamma: 1 })],
    ["vtrace: there is no option 'rho'", () => vtrace({ ...inputs, values: two }, any({ gamma: 1, rho: 2 }))],
    ["dqnLoss: loss 'hubber' is none of 'huber', 'mse'", () => dqnLoss(x, x, x, { loss: any('hubber') })],
    ["dpoLoss: loss 'IPO' is none of", () => dpoLoss(pairs, { loss: any('IPO') })],
    ['dpoLoss: beta 0 is not a number > 0', () => dpoLoss(pairs, { beta: 0 })],
    ["smoothedAction: there is no option 'noise'", () => smoothedAction(x, x, any({ noise: 1 }))],
    ['lqr: horizon 0', () => lqr({ A: [[1]], B: [[1]], Q: [[1]], R: [[1]] }, { horizon: 0 })],
    ['SumTree: weight -1 is not a number ≥ 0', () => new SumTree(2).set(0, -1)],
  ]
  for (const [message, misuse] of wrong) expect(misuse, message).toThrow(message)
})

test('tables, spaces and checks', () => {
  const { mdp } = new CliffWalking()
  const policy = new Int32Array(48)
  const wrong: [string, () => unknown][] = [
    ["evaluatePolicy: there is no option 'tol'", () => evaluatePolicy(mdp, policy, any({ gamma: 0.9, tol: 1 }))],
    ['evaluatePolicy: options are an object', () => evaluatePolicy(mdp, policy, any(0.9))],
    ['evaluatePolicy: theta 0', () => evaluatePolicy(mdp, policy, { gamma: 0.9, theta: 0 })],
    ['valueIteration: gamma undefined', () => valueIteration(mdp, any({}))],
    ["valueIteration: there is no option 'discount'", () => valueIteration(mdp, any({ discount: 1 }))],
    ['policyIteration: epsilon 2', () => policyIteration(mdp, { gamma: 0.9, epsilon: 2 })],
    ["solvePolicy: there is no option 'theta'", () => solvePolicy(mdp, policy, any({ gamma: 0.9, theta: 1 }))],
    ['finiteHorizon: options are an object', () => finiteHorizon(mdp, any(3))],
    ['LinearTD: alpha 0', () => new LinearTD(2, { alpha: 0 })],
    ["Discrete: there is no option 'begin'", () => new Discrete(2, any({ begin: 1 }))],
    ['Discrete: options are an object', () => new Discrete(2, any(1))],
    ["Box: there is no option 'size'", () => new Box(0, 1, any({ size: 3 }))],
    ['UCB: c -1', () => new UCB(3, { c: -1 })],
    ['GradientBandit: alpha 0', () => new GradientBandit(3, { alpha: 0 })],
    ["checkEnv: there is no option 'step'", () => checkEnv(any(make('Taxi-v4')), any({ step: 3 }))],
    ['textCurve: width 0', () => textCurve([{ steps: 1, a: 1 }], 'a', { width: 0 })],
  ]
  for (const [message, misuse] of wrong) expect(misuse, message).toThrow(message)
})

test('something else in place of an environment', () => {
  const env = make('CartPole-v1')
  class Still {
    readonly observationSpace = new Discrete(2)
    readonly actionSpace = new Discrete(2)
    reset = (): [number, object] => [0, {}]
    step = (): unknown[] => [0, 0, false, false, {}]
  }
  register({ id: 'test/Still-v0', entryPoint: Still as never })
  expect(make('test/Still-v0').reset()[0]).toBe(0)
  const table = new QLearning({ states: 2, actions: 2 })
  const wrong: [string, () => unknown][] = [
    ['make: undefined is not an id', () => make(any(undefined))],
    ["PPO: 'MlpPolicy' is not an environment", () => new PPO(any('MlpPolicy'), any(env))],
    ['SAC: undefined is not an environment', () => new SAC(any(undefined))],
    ["train: 'CartPole-v1' is not an environment", () => train(table, any('CartPole-v1'), { steps: 1 })],
    ['checkEnv: undefined is not an environment', () => checkEnv(any(undefined))],
    ['wrappers in @x/rl/vector', () => new NormalizeObservation(any(makeVec('CartPole-v1')))],
    ["wrapper: 'CartPole-v1' is not an environment", () => new TimeLimit(any('CartPole-v1'), 3)],
    ['SyncVectorEnv: maker 0 is object, not a function', () => new SyncVectorEnv([any(env)])],
    ['are not a list', () => new SyncVectorEnv(any(env))],
    ['evaluate: give an id, an environment', () => evaluate(table, any(makeVec('Taxi-v4')))],
    ['made 3 environments for 2', () => evaluate(table, () => makeVec('Taxi-v4', { numEnvs: 3 }), { episodes: 2 })],
    ['entryPoint is string, not a function', () => register(any({ id: 'a/B-v0', entryPoint: 'mod:B' }))],
    ['and makeVec numEnvs', () => makeVec('CartPole-v1', any({ num_envs: 3 }))],
    ['QLearning: the observation 2 is none of the 2 states', () => table.act(2)],
    ['QLearning: give an environment', () => new QLearning(any(undefined))],
    ['valueIteration: give the dynamics', () => valueIteration(any(env), { gamma: 1 })],
    ['valueIteration: options are an object', () => valueIteration(new CliffWalking().mdp, any(undefined))],
    ['transform is undefined, not a function', () => new TransformReward(env, any(undefined))],
    ['toCsv: rows are not a list', () => toCsv(any({}))],
    ['MPC: give a model', () => new MPC(any(env))],
    ['LQR: give matrices', () => new LQR(any(undefined))],
  ]
  for (const [message, misuse] of wrong) expect(misuse, message).toThrow(message)
  const agent = new PPO(env, { hidden: [4] })
  expect(() => agent.act([Number.NaN, 0, 0, 0])).toThrow('PPO: the observation [NaN,0,0,0] has NaN')
  agent.dispose()
  const held = new LQR({ A: [[1]], B: [[1]], Q: [[1]], R: [[1]] })
  expect(() => held.act([1, 2])).toThrow('LQR: a state of 2 numbers; there are 1')
  expect(toCsv([{ steps: 1, 'a,b': 2, 'say "x"': 3 }])).toBe('steps,"a,b","say ""x"""\n1,2,3\n')
})

test('planners', () => {
  const model = new TrueModel(make('Pendulum-v1').unwrapped as never)
  expect(() => new MPC(model, any({ horizn: 3 }))).toThrow("MPC: there is no option 'horizn'")
  expect(() => new MPC(model, any(3))).toThrow('MPC: options are an object')
  expect(() => new MPC(model, { horizon: 0 })).toThrow('horizon 0')
})
