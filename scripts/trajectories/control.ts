// Recorded episodes of classic control: every transition from its recorded state.
import { type Env, KernelVectorEnv, spec, TimeLimit, type Vectorizable } from '@x/rl'
import { type Tensor, tidy } from '@x/tensor'
import {
  camelCase,
  close,
  type Json,
  Mismatch,
  type Outcome,
  outcomeOf,
  reading,
  same,
  sameFloat32,
} from './outcome.ts'

/** What the control environments have beyond the contract. */
type ControlEnv = Env & { state: ArrayLike<number>; observation: Float32Array }

/** An environment from recorded options and attributes, which are options here. */
export function bareEnv(id: string, kwargs: Json = {}, attributes: Json = {}): ControlEnv {
  const { entryPoint, kwargs: own } = spec(id)
  return entryPoint({ ...own, ...camelCase(kwargs), ...camelCase(attributes) }) as ControlEnv
}

const isContinuous = (env: Env): boolean => env.actionSpace.shape?.length === 1

/** Values of a state in the precision that the environment keeps: Acrobot's start is one of float32. */
const stateOf = (id: string, values: number[]): ArrayLike<number> =>
  id === 'Acrobot-v1' ? Float32Array.from(values) : values

function checkEpisode(id: string, limit: number, recorded: Json): void {
  reading(
    recorded,
    (e) => {
      const bare = bareEnv(id, e.kwargs, e.attrs)
      const env = e.timeLimit ? new TimeLimit(bare as Env, limit) : (bare as Env)
      env.reset({ seed: 0 })
      bare.state = stateOf(id, e.initState)
      sameFloat32('obs0', bare.observation, e.obs0)
      const { actions, states, obs, rewards, terminated, truncated } = e
      for (const list of [states, obs, rewards, terminated, truncated]) same('length', list.length, actions.length)
      actions.forEach((action: number, t: number) => {
        bare.state = t === 0 ? stateOf(id, e.initState) : states[t - 1]
        const [observation, reward, ended, cut] = env.step(isContinuous(env) ? [action] : action)
        sameFloat32(`observation ${t}`, observation, obs[t])
        close(`state ${t}`, bare.state, states[t], 1e-13)
        close(`reward ${t}`, reward, rewards[t], 1e-13)
        same(`terminated ${t}`, Number(ended), terminated[t])
        same(`truncated ${t}`, Number(cut), truncated[t])
      })
    },
    ['id', 'policy'],
  )
}

/** All transitions of an episode at once, each from its recorded state. */
function checkKernel(id: string, e: Json): void {
  const count = e.actions.length
  const bare = bareEnv(id, e.kwargs, e.attrs) as Env & Partial<Vectorizable>
  const envs = new KernelVectorEnv(bare, { numEnvs: count, autoresetMode: 'disabled' })
  envs.states = [e.initState, ...e.states.slice(0, -1)].flat()
  const [observations, rewards, terminations] = tidy(() => envs.step(e.actions))
  sameFloat32('observations', (observations as Tensor).data(), e.obs)
  close('rewards', rewards, e.rewards, 1e-12)
  same('terminated', terminations, e.terminated)
  close('states', envs.states, e.states, 1e-12)
  envs.close()
}

/** Checks a file of episodes, and what its environment is registered with. */
export function control(file: Json): Outcome[] {
  const { env: id, episodes } = file
  if (!Array.isArray(episodes)) throw new Mismatch('there are no episodes')
  const registered = outcomeOf(`${id} as registered`, () =>
    reading(
      file,
      ({ maxEpisodeSteps, rewardThreshold, stateNames }) => {
        same('maxEpisodeSteps', spec(id).maxEpisodeSteps ?? null, maxEpisodeSteps)
        same('rewardThreshold', spec(id).rewardThreshold ?? null, rewardThreshold)
        const env = bareEnv(id)
        env.reset()
        same('numbers of a state', env.state.length, stateNames.length)
      },
      ['seed', 'env', 'numpy', 'episodes'],
    ),
  )
  return [
    registered,
    ...episodes.flatMap((e: Json) => [
      outcomeOf(String(e?.id), () => checkEpisode(id, file.maxEpisodeSteps, e)),
      outcomeOf(`${e?.id} (kernel)`, () => checkKernel(id, e)),
    ]),
  ]
}
