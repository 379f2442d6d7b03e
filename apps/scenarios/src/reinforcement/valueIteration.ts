// Planning on the frozen lake: values spread back from the goal, arrows follow them.
// Source: R. Bellman 1957, "Dynamic Programming"; R. Sutton and A. Barto 2018, section 4.4.
import { actionValues, FrozenLake, finiteHorizon, greedyPolicy, make, policyIteration, valueIteration } from '@x/rl'
import { defineScenario, type Shown } from '../scenario.ts'

const ARROWS = ['←', '↓', '→', '↑']
/** Steps that an episode may have. */
const LIMIT = { '4x4': 100, '8x8': 200 } as const

export const frozenLake = defineScenario({
  name: 'value-iteration',
  topic: 'Reinforcement learning',
  title: 'Value iteration on the frozen lake',
  about:
    'A lake with holes and ice on which one slips to either side two times out of three. Sweep by sweep the value of the ' +
    'goal spreads over the board, and the best moves with it: away from holes, even where that means walking into a wall.',
  options: {
    map: { kind: 'choice', about: 'size of the lake', default: '4x4', among: ['4x4', '8x8'] },
    ice: { kind: 'choice', about: 'whether one slips', default: 'slippery', among: ['slippery', 'rough'] },
    gamma: {
      kind: 'number',
      about: 'what a reward is worth one step later',
      default: 0.99,
      least: 0.5,
      most: 0.999,
      multipleOf: null,
    },
    episodes: { kind: 'number', about: 'episodes to play', default: 2000, least: 100, most: 100_000 },
  },
  async *run({ options: { map, ice, gamma, episodes }, seed, breathe }): AsyncGenerator<Shown> {
    const mapName = map as keyof typeof LIMIT
    const isSlippery = ice === 'slippery'
    const lake = new FrozenLake({ mapName, isSlippery })
    const { mdp, desc } = lake
    const board = (V: ArrayLike<number>, policy: ArrayLike<number>): Pick<Board, 'cells' | 'values'> => {
      const at = (r: number, c: number): number => r * desc[0].length + c
      const top = Math.max(...Array.from(V)) || 1
      return {
        cells: desc.map((row, r) =>
          [...row].map((tile, c) =>
            tile === 'H' || tile === 'G' ? tile : `${ARROWS[policy[at(r, c)]]} ${V[at(r, c)].toFixed(2)}`,
          ),
        ),
        values: desc.map((row, r) => [...row].map((tile, c) => (tile === 'G' ? 1 : V[at(r, c)] / top))),
      }
    }
    const { V, policy, sweeps } = valueIteration(mdp, { gamma })
    const curve = { name: 'V(start)', x: [] as number[], y: [] as number[] }
    // After k sweeps from 0, V is what can be had in k steps.
    for (let k = 1; k < sweeps; k = Math.ceil(k * 1.3)) {
      const early = finiteHorizon(mdp, { horizon: k, gamma })
      curve.x.push(k)
      curve.y.push(early[0])
      const moves = greedyPolicy(actionValues(mdp, early, gamma))
      yield { kind: 'board', id: 'lake', title: `after ${k} sweeps`, ...board(early, moves) }
      await breathe()
    }
    yield { kind: 'board', id: 'lake', title: `after ${sweeps} sweeps: moves and values`, ...board(V, policy) }
    yield { kind: 'plot', id: 'start', title: 'value of the start', x: 'sweep', y: 'V', curves: [curve] }

    const exact = policyIteration(mdp, { gamma })
    const off = Math.max(...V.map((v, s) => Math.abs(v - exact.V[s])))
    yield {
      kind: 'claim',
      text: `policy iteration finds the same values in ${exact.iterations} iterations (off by ${off.toExponential(0)})`,
      holds: off < 1e-5,
    }
    const expected = finiteHorizon(mdp, { horizon: LIMIT[mapName], policy })[0]
    const env = make('FrozenLake-v1', { mapName, isSlippery, maxEpisodeSteps: LIMIT[mapName] })
    let goals = 0
    for (let episode = 0; episode < episodes; episode++) {
      let [s] = env.reset(episode === 0 ? { seed } : {})
      for (let isOver = false; !isOver; ) {
        const [next, reward, terminated, truncated] = env.step(policy[s])
        s = next
        goals += reward
        isOver = terminated || truncated
      }
      if (episode % 100 === 0) await breathe()
    }
    const share = goals / episodes
    const error = Math.sqrt((expected * (1 - expected)) / episodes)
    yield {
      kind: 'claim',
      text: `${(100 * share).toFixed(1)} % of ${episodes} episodes reach the goal; ${(100 * expected).toFixed(1)} % are to be expected in ${LIMIT[mapName]} steps`,
      holds: Math.abs(share - expected) <= 4 * error + 1e-9,
    }
  },
})

type Board = Extract<Shown, { kind: 'board' }>
