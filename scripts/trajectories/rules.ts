// Rules of games, seeded random numbers, vector environments and wrappers.
import {
  Blackjack,
  Box,
  blackjackMdp,
  blackjackState,
  CartPole,
  ClipAction,
  ClipReward,
  DelayObservation,
  Discrete,
  type Env,
  FrameStackObservation,
  MaxAndSkipObservation,
  MultiBinary,
  MultiDiscrete,
  make,
  NormalizeReward,
  NumpyGenerator,
  policyIteration,
  RescaleAction,
  RunningMeanStd,
  type Space,
  SyncVectorEnv,
  startValue,
  type TabularEnv,
  TimeAwareObservation,
} from '@x/rl'
import type { Tensor } from '@x/tensor'
import { bareEnv } from './control.ts'
import {
  camelCase,
  close,
  flat,
  type Json,
  Mismatch,
  type Outcome,
  outcomeOf,
  reading,
  same,
  sameFloat32,
} from './outcome.ts'

/** Games with stacked decks, and the exact values of all hands. */
export function blackjack(file: Json): Outcome[] {
  return reading(file, ({ cases, exact }) => [
    ...cases.map((c: Json, i: number) => outcomeOf(`blackjack ${i}`, () => checkGame(c))),
    ...reading(exact, ({ table, startValue: values, monteCarloCheckRealEnv: played }) => [
      outcomeOf('blackjack exact table', () => checkHands(table)),
      ...Object.entries<number>(values).map(([rules, value]) =>
        outcomeOf(`blackjack start value ${rules}`, () => checkStart(JSON.parse(rules), value, played[rules])),
      ),
    ]),
  ])
}

function checkGame(recorded: Json): void {
  reading(
    recorded,
    ({ kwargs, player, dealer, deck, obs0, actions, obs, rewards, terminated, finalPlayer, finalDealer }) => {
      const env = new Blackjack(kwargs)
      env.state = { player, dealer }
      const stack = [...deck]
      env.drawCard = () => {
        if (stack.length === 0) throw new Mismatch('more cards are drawn than were')
        return stack.shift() as number
      }
      same('observation before', env.observation, obs0)
      actions.forEach((action: number, t: number) => {
        const [observation, reward, ended, cut] = env.step(action)
        same(`step ${t}`, [observation, reward, Number(ended), cut], [obs[t], rewards[t], terminated[t], false])
      })
      same('hands', env.state, { player: finalPlayer, dealer: finalDealer })
      same('cards left', stack, [])
    },
  )
}

function checkHands(table: Json): void {
  const { Q } = policyIteration(blackjackMdp(), { gamma: 1 })
  for (const row of table) {
    reading(row, ({ sum, dealer, usableAce, qStick, qHit, best }) => {
      const [stick, hit] = Q[blackjackState(sum, dealer, usableAce)]
      close(`hand ${sum}/${dealer}/${usableAce}`, [stick, hit], [qStick, qHit])
      same(`best of ${sum}/${dealer}/${usableAce}`, Number(hit > stick), best)
    })
  }
}

function checkStart(rules: Json, want: number, { mean, se, games }: Json): void {
  const game = blackjackMdp(rules)
  const value = startValue(game, policyIteration(game, { gamma: 1 }).V)
  close('exact', value, want)
  if (!(Math.abs(value - mean) < 5 * se && games > 0))
    throw new Mismatch(`${value} is not near the mean ${mean} of games`)
}

/** Single transitions decided by a given random number. */
export function sampled(file: Json): Outcome[] {
  return reading(
    file,
    ({ columns, rows }) =>
      rows.map((row: Json, i: number) =>
        outcomeOf(`sampled ${i}`, () => {
          const record = Object.fromEntries(columns.map((name: string, k: number) => [name, row[k]]))
          reading(record, ({ env: id, kwargs, s, a, u, s2, reward, terminated, prob }) => {
            const env = bareEnv(id, kwargs) as unknown as TabularEnv
            env.npRandom = { random: () => u } as NumpyGenerator
            env.state = s
            const [next, r, ended, , info] = env.step(a)
            same('transition', [next, r, Number(ended), info.prob], [s2, reward, terminated, prob])
          })
        }),
      ),
    ['rule'],
  )
}

/** Numbers, resets, samples and rollouts from seeds. */
export function seeded(file: Json): Outcome[] {
  return reading(file, ({ rng, resets, spaces, rollouts }) => [
    ...rng.map((c: Json) => outcomeOf(`rng ${c.seed}`, () => checkNumbers(c))),
    ...resets.map((c: Json) => outcomeOf(`reset ${c.env} ${c.seed}`, () => checkReset(c))),
    ...spaces.map((c: Json) => outcomeOf(`sample ${c.space} ${c.seed}`, () => checkSamples(c))),
    ...rollouts.map((c: Json) => outcomeOf(`rollout ${c.env} ${c.seed}`, () => checkRollout(c))),
  ])
}

function checkNumbers(recorded: Json): void {
  reading(recorded, ({ seed, random, uniform_m05_05, integers10, normal, choice4 }) => {
    const g = new NumpyGenerator(BigInt(seed))
    const draw = (list: number[], next: () => number): number[] => list.map(next)
    same(
      'random',
      draw(random, () => g.random()),
      random,
    )
    same(
      'uniform',
      draw(uniform_m05_05, () => g.uniform(-0.05, 0.05)),
      uniform_m05_05,
    )
    same(
      'integers',
      draw(integers10, () => g.integers(10)),
      integers10,
    )
    same(
      'normal',
      draw(normal, () => g.normal()),
      normal,
    )
    same(
      'choice',
      draw(choice4, () => g.choice([0, 1, 2, 3])),
      choice4,
    )
  })
}

function checkReset(recorded: Json): void {
  reading(recorded, ({ env: id, seed, obs, secondResetObs }) => {
    const env = make(id)
    sameFloat32('first', env.reset({ seed: BigInt(seed) })[0], obs)
    sameFloat32('second', env.reset()[0], secondResetObs)
  })
}

/** A space from the way it is written down. */
function spaceOf(text: string): Space {
  const [, kind, inside] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  const numbers = (list: string): number[] =>
    list.split(',').map((n) => (n === 'inf' ? Infinity : n === '-inf' ? -Infinity : Number(n)))
  if (kind === 'Discrete') {
    const [n, start = 'start=0'] = inside.split(',')
    return new Discrete(Number(n), { start: Number(start.replace('start=', '')) })
  }
  if (kind === 'MultiDiscrete') return new MultiDiscrete(numbers(inside.slice(1, -1)))
  if (kind === 'MultiBinary') return new MultiBinary(Number(inside))
  const lists = /^\[(.*)\],\[(.*)\]$/.exec(inside)
  if (kind === 'Box' && lists) return new Box(numbers(lists[1]), numbers(lists[2]))
  const bounds = /^([^,]+),([^,]+),\((\d+),\)(?:,(float32|float64))?$/.exec(inside)
  if (kind === 'Box' && bounds) {
    const [low, high] = numbers(`${bounds[1]},${bounds[2]}`)
    return new Box(low, high, { shape: [Number(bounds[3])], dtype: (bounds[4] as 'float32' | undefined) ?? 'float32' })
  }
  throw new Mismatch(`there is no space '${text}'`)
}

function checkSamples(recorded: Json): void {
  reading(recorded, ({ space: text, seed, samples }) => {
    const space = spaceOf(text)
    space.seed(BigInt(seed))
    for (const want of samples) {
      const element = space.sample()
      sameFloat32('sample', element, want)
      if (!space.contains(element)) throw new Mismatch(`${space} does not contain its own sample ${element}`)
    }
  })
}

function checkRollout(recorded: Json): void {
  reading(recorded, ({ env: id, seed, obs0, steps }) => {
    const env = make(id)
    same('first', flat(env.reset({ seed: BigInt(seed) })[0]), obs0)
    steps.forEach(([action, obs, reward, ended, after]: Json, t: number) => {
      const [observation, r, terminated] = env.step(action)
      same(`step ${t}`, [flat(observation), r, Number(terminated)], [obs, reward, ended])
      if (ended) same(`reset after ${t}`, flat(env.reset()[0]), after)
    })
  })
}

/** Vector environments with every kind of reset, traces of wrappers, statistics. */
export function api(file: Json): Outcome[] {
  return reading(file, ({ vector, wrappers, misc }) => [
    ...vector.map((c: Json) => outcomeOf(`vector ${c.autoresetMode}`, () => checkVector(c))),
    ...wrappers.map((c: Json) => outcomeOf(`wrapper ${c.wrapper}`, () => checkWrapper(c))),
    ...misc.map((c: Json) => outcomeOf(c.name, () => checkOther(c, misc))),
  ])
}

const MODES: Readonly<Record<string, 'next-step' | 'same-step' | 'disabled'>> = {
  NextStep: 'next-step',
  SameStep: 'same-step',
  Disabled: 'disabled',
}

/** Python's True and False. */
const pythonValue = (text: string): unknown => (text === 'True' ? true : text === 'False' ? false : Number(text))

function checkVector(recorded: Json): void {
  reading(recorded, ({ env: text, maxEpisodeSteps, autoresetMode, obs0, info0, steps }) => {
    const [id, ...options] = text.split(' ')
    const kwargs = Object.fromEntries(options.map((o: string) => [o.split('=')[0], pythonValue(o.split('=')[1])]))
    const makers = maxEpisodeSteps.map(
      (limit: number) => () => make(id, { ...camelCase(kwargs), maxEpisodeSteps: limit }),
    )
    const envs = new SyncVectorEnv(makers, { autoresetMode: MODES[autoresetMode] })
    const numbers = (batch: unknown): number[] => Array.from((batch as Tensor).data(), Number)
    const [first, info] = envs.reset({ seed: 0 })
    same('first observations', numbers(first), obs0)
    sameInfo('first infos', info, info0)
    steps.forEach((step: Json, t: number) => {
      if (step.manualResetMask) {
        const [obs] = envs.reset({ options: { resetMask: flat(step.manualResetMask) } })
        same(`reset at ${t}`, numbers(obs), step.obs)
        return
      }
      reading(step, (wanted) => {
        const [obs, rewards, terminations, truncations, infos] = envs.step(wanted.actions)
        same(`observations ${t}`, numbers(obs), wanted.obs)
        same(`rewards ${t}`, rewards, wanted.rewards)
        same(`terminations ${t}`, terminations, flat(wanted.terminations))
        same(`truncations ${t}`, truncations, flat(wanted.truncations))
        sameInfo(`infos ${t}`, infos, wanted.info)
      })
    })
    envs.close()
  })
}

/** Infos agree name by name, whatever their order. */
function sameInfo(what: string, got: Json, want: Json): void {
  const named = Object.fromEntries(
    Object.entries(want).map(([name, v]) => [name.replace(/(?<=\w)_(\w)/g, (_, c) => c.toUpperCase()), v]),
  )
  same(`${what}: names`, Object.keys(got).sort(), Object.keys(named).sort())
  for (const [name, value] of Object.entries(named)) {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isNested) sameInfo(`${what} ${name}`, got[name], value)
    else
      same(
        `${what} ${name}`,
        got[name],
        (value as unknown[]).map((v) => (typeof v === 'boolean' ? Number(v) : v)),
      )
  }
}

/** Wrappers by the way they are written down. */
const WRAPPERS: Readonly<Record<string, (env: Json, args: number[]) => Env<Json, Json>>> = {
  NormalizeReward: (env, [gamma, epsilon]) => new NormalizeReward(env, { gamma, epsilon }),
  ClipReward: (env, [low, high]) => new ClipReward(env, low, high),
  FrameStackObservation: (env, [size]) => new FrameStackObservation(env, size),
  TimeAwareObservation: (env) => new TimeAwareObservation(env),
  RescaleAction: (env, [low, high]) => new RescaleAction(env, low, high),
  ClipAction: (env) => new ClipAction(env),
  DelayObservation: (env, [delay]) => new DelayObservation(env, delay),
  MaxAndSkipObservation: (env, [skip]) => new MaxAndSkipObservation(env, skip),
}

function checkWrapper(recorded: Json): void {
  reading(recorded, ({ wrapper: text, env: id, initState, actions, steps }) => {
    const [, name, args = ''] = /(\w+)(?:\(([^()]*)\))?$/.exec(text) ?? []
    if (!Object.hasOwn(WRAPPERS, name)) throw new Mismatch(`there is no wrapper '${text}'`)
    const numbers = args
      .split(',')
      .filter(Boolean)
      .map((a) => Number(a.replace(/^\w+=/, '')))
    const env = WRAPPERS[name](make(id), numbers)
    env.reset({ seed: 0 })
    ;(env.unwrapped as Json).state = initState
    same('length', actions.length, steps.length)
    steps.forEach(([obs, reward, terminated, truncated]: Json, t: number) => {
      const [observation, r, ended, cut] = env.step([actions[t]])
      // What a recorded run carries on in float64 may differ from ours in its last bits.
      close(`observation ${t}`, observation, obs, 1e-6)
      if (!env.observationSpace.contains(observation) && name !== 'DelayObservation') {
        throw new Mismatch(`observation ${t} is not in ${env.observationSpace}`)
      }
      close(`reward ${t}`, r, reward)
      same(`flags ${t}`, [Number(ended), Number(cut)], [terminated, truncated])
    })
  })
}

function checkOther(recorded: Json, all: Json[]): void {
  const { name } = recorded
  if (name.startsWith('CartPole stepping past termination')) {
    reading(recorded, ({ name: _, initState, action, steps }) => {
      const env = new CartPole()
      env.state = initState
      for (const [state, reward, ended] of steps) {
        const [observation, r, terminated] = env.step(action)
        sameFloat32('observation', observation, state)
        same('reward and flag', [r, Number(terminated)], [reward, ended])
      }
    })
    return
  }
  const statistics = new RunningMeanStd(recorded.finalMean?.length ?? 0)
  if (name.startsWith('NormalizeObservation')) {
    recorded.inputs.forEach((x: number[], i: number) => {
      statistics.update(x)
      close(`output ${i}`, statistics.normalize(x), recorded.outputs[i])
    })
  } else if (name.startsWith('RunningMeanStd batches of')) {
    const size = Number(name.split(' ').at(-1))
    const { inputs } = all.find((other) => other.inputs)
    for (let i = 0; i < inputs.length; i += size) statistics.update(inputs.slice(i, i + size).flat())
  } else throw new Mismatch(`nothing checks '${name}'`)
  reading(
    recorded,
    ({ finalMean, finalVar, finalCount }) => {
      close('mean', statistics.mean, finalMean)
      close('variance', statistics.variance, finalVar)
      close('count', statistics.count, finalCount)
    },
    ['name', 'inputs', 'outputs'],
  )
}
