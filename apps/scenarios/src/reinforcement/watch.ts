// An episode as it happens: a picture after every step.
import type { Drawing, Env, RenderMode } from '@x/rl'
import type { Context, Shown } from '../scenario.ts'
import { braille } from './braille.ts'

export interface Watched<O, A> {
  readonly make: (renderMode: RenderMode) => Env<O, A>
  readonly act: (observation: O) => A
  readonly id: string
  readonly title: string
  readonly seed: number
  /** The state to start from, for an environment whose state can be set. Default: what the seed gives */
  readonly start?: ArrayLike<number>
  /** Milliseconds between two pictures. */
  readonly pause: number
  readonly breathe: Context['breathe']
}

/** How long a picture stands, as an option; tests do not wait. */
export const pauseOption = {
  kind: 'number',
  about: 'milliseconds between two pictures',
  default: 20,
  least: 0,
  most: 1000,
} as const

/** Shows an episode and returns the sum of its rewards. */
export async function* watch<O, A>(watched: Watched<O, A>): AsyncGenerator<Shown, number> {
  const { make, act, id, title, seed, start, pause, breathe } = watched
  const env = make('commands')
  let observation = begin(env, seed, start)
  const most = env.spec?.maxEpisodeSteps
  let sum = 0
  for (let steps = 1, isOver = false; !isOver; steps++) {
    const action = act(observation)
    const [next, reward, terminated, truncated] = env.step(action)
    observation = next
    sum += reward
    isOver = terminated || truncated
    const drawing = env.render?.() as Drawing
    const note = `${title}: step ${steps}, return ${sum.toFixed(1)}`
    yield { kind: 'drawing', id, title: note, drawing, text: braille(drawing) }
    if (most) yield { kind: 'progress', done: steps, of: most, note }
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    await breathe()
  }
  return sum
}

function begin<O, A>(env: Env<O, A>, seed: number, start: ArrayLike<number> | undefined): O {
  const [observation] = env.reset({ seed })
  if (start === undefined) return observation
  const bare = env.unwrapped as unknown as { state: ArrayLike<number>; readonly observation: O }
  bare.state = start
  return bare.observation
}
