// @x/rl/js: the kernels of @x/rl in plain JavaScript, for setBackend.
import type { KernelTable } from '@x/tensor'
import { heap } from '@x/tensor/op'
import { Acrobot } from '../envs/control/acrobot.ts'
import { CartPole } from '../envs/control/cartPole.ts'
import { MountainCar, MountainCarContinuous } from '../envs/control/mountainCar.ts'
import { Pendulum } from '../envs/control/pendulum.ts'
import { type Kind, type Place, twins } from './episodes.ts'
import { uniform } from './words.ts'

/** An environment of this package with a state of numbers that one may set. */
type Single = (CartPole | MountainCar | MountainCarContinuous | Acrobot | Pendulum) & { reward: number }

/** A kind whose dynamics are those of the single environment, made from the numbers that the kernel is given. */
function single(
  make: (number: (k: number) => number) => Single,
  { states, width, isContinuous = false }: { states: number; width: number; isContinuous?: boolean },
  start: (s: Float64Array, draw: (k: number, low: number, high: number) => number, low: number, high: number) => void,
): Kind {
  const out = new Float32Array(width)
  let env: Single
  return {
    states,
    width,
    isContinuous,
    isFloat: true,
    move(s, action, at) {
      env = make(at.number)
      env.state = s
      const terminated = env.stepInto((isContinuous ? [action] : action) as never, out)
      s.set(env.state as Float64Array)
      return [env.reward, terminated]
    },
    observe(s) {
      env ??= make((k) => k)
      env.state = s
      return env.observation as Float32Array
    },
    start(s, at) {
      const w = at.words(at.e, 0, 0)
      start(s, (k, low, high) => uniform(w[k], low, high), at.number(2), at.number(3))
    },
  }
}

const cartPole = single(
  (n) =>
    new CartPole({
      gravity: n(4),
      massPole: n(5),
      massCart: n(6) - n(5),
      length: n(7),
      forceMag: n(9),
      tau: n(10),
      kinematicsIntegrator: n(11) ? 'semi-implicit euler' : 'euler',
      suttonBartoReward: n(12) === 0,
    }),
  { states: 4, width: 4 },
  (s, draw, low, high) => s.set([0, 1, 2, 3].map((k) => draw(k, low, high))),
)

const car = (
  s: Float64Array,
  draw: (k: number, low: number, high: number) => number,
  low: number,
  high: number,
): void => s.set([draw(0, low, high), 0])

const mountainCar = single((n) => new MountainCar({ goalVelocity: n(4) }), { states: 2, width: 2 }, car)

const mountainCarContinuous = single(
  (n) => new MountainCarContinuous({ goalVelocity: n(4) }),
  { states: 2, width: 2, isContinuous: true },
  car,
)

const pendulum = single(
  (n) => new Pendulum({ g: n(4) }),
  { states: 2, width: 3, isContinuous: true },
  (s, draw, x, y) => s.set([draw(0, -x, x), draw(1, -y, y)]),
)

const acrobot = single(
  (n) => new Acrobot({ bookOrNips: n(4) ? 'book' : 'nips' }),
  { states: 4, width: 6 },
  (s, draw, low, high) => s.set([0, 1, 2, 3].map((k) => Math.fround(draw(k, low, high)))),
)

interface Table {
  readonly A: number
  outcomes(pair: number): Int32Array
  readonly p: Float64Array
  readonly next: Int32Array
  readonly reward: Float64Array
  readonly ends: Uint8Array
  readonly starts: Int32Array
  readonly sums: Float64Array
}

/** Views of a table's parts: see assembly/rl/table.ts. */
function tableAt(table: number): Table {
  const [A, K, ...places] = heap.i32.subarray(table / 4, table / 4 + 9)
  const at = (k: number): number => table + places[k]
  return {
    A,
    outcomes: (pair: number) => heap.i32.subarray(at(0) / 4 + pair, at(0) / 4 + pair + 2),
    p: heap.f64.subarray(at(1) / 8),
    next: heap.i32.subarray(at(2) / 4),
    reward: heap.f64.subarray(at(3) / 8),
    ends: heap.u8.subarray(at(4)),
    starts: heap.i32.subarray(at(5) / 4, at(5) / 4 + K),
    sums: heap.f64.subarray(at(6) / 8, at(6) / 8 + K),
  }
}

const tabular: Kind = {
  states: 1,
  width: 1,
  isFloat: false,
  isContinuous: false,
  move(s, action, at) {
    const { A, outcomes, p, next, reward, ends } = tableAt(at.table)
    const u = at.words(at.e, at.t, 0)[0] / 2 ** 32
    const [first, last] = outcomes(s[0] * A + action)
    let k = first
    for (let sum = p[k]; k < last - 1 && sum <= u; ) sum += p[++k]
    s[0] = next[k]
    return [reward[k], ends[k] !== 0]
  },
  observe: (s) => s,
  start(s, at) {
    const { starts, sums } = tableAt(at.table)
    const u = at.words(at.e, 0, 0)[0] / 2 ** 32
    s[0] =
      starts[
        Math.max(
          0,
          sums.findIndex((sum, k) => sum > u || k === sums.length - 1),
        )
      ]
  },
}

const card = (word: number): number => Math.min(Math.floor((word * 13) / 2 ** 32) + 1, 10)

/** A sum, and whether an ace in it counts 11, after another card. */
function take([sum, ace]: readonly [number, number], drawn: number): [sum: number, ace: number] {
  const low = sum - 10 * ace + drawn
  const isUsable = (ace === 1 || drawn === 1) && low + 10 <= 21
  return isUsable ? [low + 10, 1] : [low, 0]
}

/** State: the player's sum, whether an ace counts 11, the dealer's card, whether the hand is an ace and a ten. */
const blackjack: Kind = {
  states: 4,
  width: 3,
  isFloat: false,
  isContinuous: false,
  move(s, action, at: Place) {
    const [sum, ace, shown, natural] = s
    if (action === 1) {
      const next = take([sum, ace], card(at.words(at.e, at.t, 0)[0]))
      s.set([...next, shown, 0])
      return [next[0] > 21 ? -1 : 0, next[0] > 21]
    }
    let dealer = take([0, 0], shown)
    let cards = 1
    for (; dealer[0] < 17; cards++) dealer = take(dealer, card(at.words(at.e, at.t, cards)[0]))
    const its = dealer[0] > 21 ? 0 : dealer[0]
    const reward = Math.sign(sum - its)
    if (!natural) return [reward, true]
    if (at.number(5)) return [cards === 2 && its === 21 ? reward : 1, true]
    return [at.number(4) && reward === 1 ? 1.5 : reward, true]
  },
  observe: ([sum, ace, shown]) => [sum, shown, ace],
  start(s, at) {
    const [first, second, shown] = at.words(at.e, 0, 0)
    const hand = take(take([0, 0], card(first)), card(second))
    s.set([...hand, card(shown), Number(hand[0] === 21)])
  },
}

/** The table of twins: pass it to `setBackend` beside those of @x/tensor/js and @x/nn/js. */
export const js: KernelTable = {
  module: 'rl',
  kernels: {
    ...twins('cartPole', cartPole),
    ...twins('mountainCar', mountainCar),
    ...twins('mountainCarContinuous', mountainCarContinuous),
    ...twins('pendulum', pendulum),
    ...twins('acrobot', acrobot),
    ...twins('tabular', tabular),
    ...twins('blackjack', blackjack),
  },
}
