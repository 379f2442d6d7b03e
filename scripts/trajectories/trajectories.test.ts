// The recordings in golden/rl, and the runner's eye for what is wrong or unknown.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { js as nnJs } from '@x/nn/js'
import { js as rlJs } from '@x/rl/js'
import { setBackend } from '@x/tensor'
import { js } from '@x/tensor/js'
import { afterAll, describe, expect, test } from 'vitest'
import type { Json } from './outcome.ts'
import { jsonFiles, runFile } from './run.ts'

const golden = join(import.meta.dirname, '../../golden/rl')

afterAll(() => setBackend('wasm'))

describe.each(['wasm', 'js'] as const)('on %s', (backend) => {
  test.each(jsonFiles(golden).map((path) => [relative(golden, path), path]))('%s', (_, path) => {
    if (backend === 'js') setBackend(js, nnJs, rlJs)
    else setBackend('wasm')
    const { outcomes } = runFile(path)
    expect(outcomes.filter(({ failure }) => failure !== null)).toEqual([])
    expect(outcomes.length).toBeGreaterThan(0)
  })
})

describe('a file', () => {
  /** Failures after a change of a recorded file. */
  const failures = (name: string, change: (file: Json) => void): string[] => {
    const folder = mkdtempSync(join(tmpdir(), 'trajectories-'))
    try {
      const file = JSON.parse(readFileSync(join(golden, name), 'utf8'))
      change(file)
      writeFileSync(join(folder, 'changed.json'), JSON.stringify(file))
      return runFile(join(folder, 'changed.json')).outcomes.flatMap(({ failure }) =>
        failure === null ? [] : [failure],
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('fails for one bit of an observation, a flag, a reward', () => {
    const cartPole = (change: (episode: Json) => void): string[] =>
      failures('control/CartPole-v1.json', ({ episodes }) => change(episodes[0]))
    const next = (e: Json): void => {
      const bits = new Uint32Array(Float32Array.of(e.obs[3][1]).buffer)
      e.obs[3][1] = new Float32Array(Uint32Array.of(bits[0] + 1).buffer)[0]
    }
    expect(cartPole(next)).toEqual([expect.stringMatching(/observation 3\[1\]/), expect.stringMatching(/observations/)])
    expect(cartPole((e) => (e.terminated[5] ^= 1))).toHaveLength(2)
    expect(cartPole((e) => (e.rewards[5] += 1e-6))).toHaveLength(2)
  })

  test('fails for a value, a count of sweeps, a best action', () => {
    const lake = (change: (exact: Json) => void): string[] =>
      failures('tabular/frozenlake-4x4-slippery.json', ({ exact }) => change(exact['0.99']))
    expect(lake((e) => (e.V[3] += 1e-8))).toHaveLength(1)
    expect(lake((e) => e.syncSweeps['0.0001']++)).toHaveLength(1)
    expect(lake((e) => (e.uniquePolicy[1] = 2))).toHaveLength(1)
    expect(lake((e) => (e.other = 1))).toEqual(['nothing computes other'])
  })

  test('fails for what nobody understands', () => {
    const updates = (change: (file: Json) => void): string[] => failures('agents/updates.json', change)
    expect(updates(({ cases }) => (cases[0].name = 'z-learning'))).toEqual(["nothing computes 'z-learning'"])
    expect(updates(({ cases }) => (cases[0].output[0][0] += 1e-7))).toHaveLength(1)
    expect(updates((file) => (file.schema = 'rl-ref/updates/2'))).toEqual([expect.stringContaining('unknown schema')])
    expect(updates((file) => (file.cases = []))).toEqual(['holds no case'])
    expect(failures('control/CartPole-v1.json', (file) => (file.episodes[0].weather = 'rain'))).toEqual([
      'nothing reads weather',
    ])
    expect(failures('rules/api.json', ({ wrappers }) => (wrappers[0].wrapper = 'Blur(3)'))).toEqual([
      "there is no wrapper 'Blur(3)'",
    ])
  })
})
