// Finite decision processes with their exact solutions.
import {
  actionValues,
  evaluatePolicy,
  type FiniteMdp,
  finiteHorizon,
  Gambler,
  Gridworld4x4,
  Gridworld5x5,
  greedyActions,
  policyIteration,
  solvePolicy,
  spec,
  startValue,
  stationaryDistribution,
  type TabularEnv,
  type Taxi,
  tdFixedPoint,
  uniformPolicy,
  valueIteration,
  WindyGridworld,
} from '@x/rl'
import { camelCase, close, type Json, Mismatch, type Outcome, outcomeOf, reading, same } from './outcome.ts'

/** Values that differ by less count as equally good. */
const TIE = 1e-8

/** Environments of the book by their recorded names. */
const BOOK: Readonly<Record<string, (kwargs: Json) => TabularEnv>> = {
  'SuttonBarto/Gridworld-3.5': ordered(() => new Gridworld5x5()),
  'SuttonBarto/Gridworld-4.1': ordered(() => new Gridworld4x4()),
  'SuttonBarto/WindyGridworld': (kwargs) => new WindyGridworld(kwargs),
}

function ordered(make: () => TabularEnv): (kwargs: Json) => TabularEnv {
  return ({ actions, ...rest }) => {
    same('order of the actions', actions, 'up,right,down,left')
    same('options', rest, {})
    return make()
  }
}

/** Our environment of a recorded name; null for a process that is its table only. */
function envOf(name: string, kwargs: Json): TabularEnv | null {
  if (name === 'Garnet') return null
  if (Object.hasOwn(BOOK, name)) return BOOK[name](kwargs)
  const { entryPoint, kwargs: own } = spec(name)
  return entryPoint({ ...own, ...camelCase(kwargs) }) as unknown as TabularEnv
}

function mdpOf({ P, nS, nA, start }: Json): FiniteMdp {
  const table = P.map((row: Json) =>
    row.map((outcomes: Json) => outcomes.map(([p, s, r, done]: Json) => [p, s, r, done === 1])),
  )
  same('numbers of states and actions', [table.length, table[0].length], [nS, nA])
  const initial = new Float64Array(nS)
  for (const [s, p] of start) initial[s] = p
  return { P: table, start: initial }
}

/** States in which one may have to act. */
function reachable({ P, start }: FiniteMdp): number[] {
  const seen = new Set(Array.from(start, (_, s) => s).filter((s) => start[s] > 0))
  for (const s of seen) {
    for (const outcomes of P[s]) for (const [p, next, , ended] of outcomes) if (p > 0 && !ended) seen.add(next)
  }
  return [...seen].sort((a, b) => a - b)
}

function checkTable(file: Json, mdp: FiniteMdp): void {
  same('reachable', reachable(mdp), file.reachable)
  const env = envOf(file.env, file.kwargs)
  if (!env) return
  same('P', env.mdp.P, mdp.P)
  close('start', env.mdp.start, mdp.start, 1e-15)
  if (file.desc) same('desc', (env as Json).desc, file.desc)
  if (file.actionMask) {
    same(
      'actionMask',
      mdp.P.map((_, s) => [...(env as Taxi).actionMask(s)].join('')),
      file.actionMask,
    )
    same(
      'decode',
      mdp.P.map((_, s) => (env as Taxi).decode(s)),
      file.decode,
    )
  }
  if (!file.env.startsWith('SuttonBarto/'))
    same('maxEpisodeSteps', spec(file.env).maxEpisodeSteps ?? null, file.maxEpisodeSteps)
}

/** Checks of one discount, each by itself. */
function checkExact(id: string, mdp: FiniteMdp, gamma: number, exact: Json): Outcome[] {
  const outcomes: Outcome[] = []
  const check = (name: string, run: () => void): void => {
    outcomes.push(outcomeOf(`${id} gamma ${gamma} ${name}`, run))
  }
  const { V, Q } = policyIteration(mdp, { gamma })
  const sets = Q.map((row) => greedyActions(row, TIE * (1 + Math.abs(Math.max(...row)))))
  const states = reachable(mdp)
  const sweeps = (inPlace: boolean, wanted: Json) => () => {
    for (const [theta, count] of Object.entries(wanted)) {
      same(`theta ${theta}`, valueIteration(mdp, { gamma, theta: Number(theta), inPlace }).sweeps, count)
    }
  }
  const values: Readonly<Record<string, (want: Json) => void>> = {
    V: (want) => close('V', V, want),
    Q: (want) =>
      close(
        'Q',
        Q.map((row) => [...row]),
        want,
      ),
    greedySets: (want) => same('greedySets', sets, want),
    uniquePolicy: (want) =>
      same(
        'uniquePolicy',
        sets.map((set) => (set.length === 1 ? set[0] : -1)),
        want,
      ),
    minUniqueGap: (want) => {
      const gaps = states.filter((s) => sets[s].length === 1 && Q[s].length > 1).map((s) => gapOf(Q[s]))
      close('minUniqueGap', Math.min(...gaps), want)
    },
    bellmanResidual: () =>
      close(
        'residual',
        V.map((v, s) => v - Math.max(...actionValues(mdp, V, gamma)[s])),
        V.map(() => 0),
      ),
    startValue: (want) => close('startValue', startValue(mdp, V), want),
    syncSweeps: (want) => sweeps(false, want)(),
    inPlaceSweeps: (want) => sweeps(true, want)(),
    uniformPolicyV: (want) => {
      close('solved', solvePolicy(mdp, uniformPolicy(mdp), { gamma }), want)
      close('swept', evaluatePolicy(mdp, uniformPolicy(mdp), { gamma, theta: 1e-13 }).V, want, 1e-8)
    },
    uniformStartValue: (want) =>
      close('uniformStartValue', startValue(mdp, solvePolicy(mdp, uniformPolicy(mdp), { gamma })), want),
    epsSoft01V: (want) => close('epsSoft01V', policyIteration(mdp, { gamma, epsilon: 0.1 }).V, want),
    epsSoft01StartValue: (want) =>
      close('epsSoft01StartValue', startValue(mdp, policyIteration(mdp, { gamma, epsilon: 0.1 }).V), want),
    syncSnapshots: (want) => {
      for (const [k, v] of Object.entries(want))
        close(`sweep ${k}`, finiteHorizon(mdp, { horizon: Number(k), gamma }), v)
    },
    undiscounted: (want) =>
      reading(want, ({ horizon, bestPossibleMeanReturn, returnOfLowestIndexGreedyPolicy }) => {
        close('best', startValue(mdp, finiteHorizon(mdp, { horizon })), bestPossibleMeanReturn)
        const policy = sets.map(([first]) => first)
        close('greedy', startValue(mdp, finiteHorizon(mdp, { horizon, policy })), returnOfLowestIndexGreedyPolicy)
      }),
  }
  for (const [name, want] of Object.entries(exact)) {
    check(name, () => {
      if (!Object.hasOwn(values, name)) throw new Mismatch(`nothing computes ${name}`)
      values[name](want)
    })
  }
  return outcomes
}

const gapOf = (row: ArrayLike<number>): number => {
  const sorted = Array.from(row).sort((a, b) => b - a)
  return sorted[0] - sorted[1]
}

function checkLinear(mdp: FiniteMdp, recorded: Json): void {
  reading(recorded, ({ policy, features, stationary, thetaFixedPoint }) => {
    same('policy', policy, 'uniform')
    close('stationary', stationaryDistribution(mdp, uniformPolicy(mdp)), stationary)
    for (const [setting, theta] of Object.entries(thetaFixedPoint)) {
      const [gamma, lambda] = [...setting.matchAll(/=([\d.]+)/g)].map(([, x]) => Number(x))
      close(setting, tdFixedPoint(mdp, uniformPolicy(mdp), features, { gamma, lambda }), theta)
    }
  })
}

/** Checks a file of a decision process. */
export function tabular(file: Json): Outcome[] {
  const outcomes: Outcome[] = []
  reading(
    file,
    ({ id, exact, linearTD, uniformPolicyV_gamma1, ...rest }) => {
      const mdp = mdpOf(rest)
      outcomes.push(outcomeOf(`${id} table`, () => checkTable(rest, mdp)))
      for (const [gamma, values] of Object.entries(exact)) outcomes.push(...checkExact(id, mdp, Number(gamma), values))
      if (linearTD) outcomes.push(outcomeOf(`${id} linearTD`, () => checkLinear(mdp, linearTD)))
      if (uniformPolicyV_gamma1) {
        const check = (): void => close('V', solvePolicy(mdp, uniformPolicy(mdp), { gamma: 1 }), uniformPolicyV_gamma1)
        outcomes.push(outcomeOf(`${id} uniformPolicyV_gamma1`, check))
      }
      const known = [
        'env',
        'kwargs',
        'nS',
        'nA',
        'start',
        'reachable',
        'maxEpisodeSteps',
        'P',
        'desc',
        'actionMask',
        'decode',
      ]
      const strange = Object.keys(rest).filter((name) => ![...known, 'schema', 'set', 'source', 'note'].includes(name))
      if (strange.length > 0) outcomes.push({ id, failure: `nothing reads ${strange.join(', ')}` })
    },
    [],
  )
  return outcomes
}

/** Checks a file of the gambler's problem. */
export function gambler(file: Json): Outcome[] {
  return [
    outcomeOf(String(file.id), () =>
      reading(
        file,
        ({ p_h, V }) => {
          const { mdp } = new Gambler({ probabilityOfHeads: p_h })
          close('V', valueIteration(mdp, { gamma: 1, theta: 1e-14 }).V, V)
        },
        ['id'],
      ),
    ),
  ]
}

/** Checks the list of the other files: what it says of each has to agree with ours. */
export function index(list: Json): Outcome[] {
  return list.map((entry: Json) =>
    outcomeOf(`index ${entry?.id}`, () =>
      reading(
        entry,
        ({ env, kwargs, nS, nA, facts, reachable: count }) => {
          const made = envOf(env, kwargs)
          for (const fact of facts) same('facts of a discount', fact.length, 6)
          if (!made) return
          const { mdp } = made
          same('sizes', [mdp.P.length, mdp.P[0].length, reachable(mdp).length], [nS, nA, count])
          for (const [gamma, value, uniqueStates, , sweeps, undiscounted] of facts) {
            const { V, Q } = policyIteration(mdp, { gamma })
            close('startValue', startValue(mdp, V), value)
            const unique = Q.filter((row, s) => greedyActions(row, TIE * (1 + Math.abs(V[s]))).length === 1)
            same('states with one best action', unique.length, uniqueStates)
            same('sweeps to 1e-8', valueIteration(mdp, { gamma, theta: 1e-8 }).sweeps, sweeps)
            if (undiscounted) {
              const { horizon, bestPossibleMeanReturn } = undiscounted
              close('best', startValue(mdp, finiteHorizon(mdp, { horizon })), bestPossibleMeanReturn)
            }
          }
        },
        ['id', 'bytes'],
      ),
    ),
  )
}
