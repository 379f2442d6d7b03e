import { describe, expect, test } from 'vitest'
import { make, registeredIds, spec } from '../env/registry.ts'
import { type Drawing, type PaintContext, paint } from '../render/drawing.ts'
import { type Frame, rasterize } from '../render/raster.ts'
import { checkEnv } from '../testing.ts'
import { Bandit } from './book/bandit.ts'
import { CartPole } from './control/cartPole.ts'
import { Pendulum } from './control/pendulum.ts'
import { FrozenLake, generateRandomMap } from './toy/frozenLake.ts'
import { Taxi } from './toy/taxi.ts'

const ids = registeredIds()

describe.each(ids)('%s', (id) => {
  test('keeps to the contract, bare and as made', () => {
    const { entryPoint, kwargs } = spec(id)
    checkEnv(entryPoint({ ...kwargs }))
    checkEnv(make(id))
  })

  test('shows itself as text, commands and pixels', () => {
    const modes = (['ansi', 'commands', 'rgb'] as const).map((renderMode) => {
      const env = make(id, { renderMode })
      env.reset({ seed: 1 })
      env.step(env.actionSpace.sample())
      checkEnv(make(id, { renderMode }), { steps: 5 })
      return env.render?.()
    })
    const [text, drawing, frame] = modes as [string, Drawing, Frame]
    expect(text.trim().length).toBeGreaterThan(3)
    expect(drawing.commands.length).toBeGreaterThan(0)
    expect(JSON.parse(JSON.stringify(drawing))).toEqual(drawing)
    expect(frame.data.length).toBe(drawing.width * drawing.height * 4)
    const colors = new Set(new Uint32Array(frame.data.buffer))
    expect(colors.size).toBeGreaterThan(1)
  })

  test('names bad use', () => {
    const { entryPoint, kwargs } = spec(id)
    expect(() => entryPoint({ colour: 'red' })).toThrow(/no option 'colour'/)
    expect(() => entryPoint({ renderMode: 'human' })).toThrow(/renderMode 'human'/)
    const env = entryPoint({ ...kwargs })
    expect(() => env.step(0)).toThrow(/before reset/)
    expect(() => entryPoint({ ...kwargs, renderMode: 'ansi' }).render?.()).toThrow(/before reset/)
    expect(() => env.reset({ sead: 1 } as never)).toThrow(/no option 'sead'/)
    expect(() => env.reset({ options: { speed: 1 } })).toThrow(/no option 'speed'/)
    env.reset({ seed: 1 })
    expect(() => env.step(99)).toThrow(/action 99 is not in/)
    expect(() => make(id).step(0)).toThrow(/before reset/)
  })
})

test('reset options move the start', () => {
  const [observation] = new CartPole().reset({ seed: 123, options: { low: 0, high: 1 } })
  // The values of Gymnasium's documentation.
  ;[0.6823519, 0.05382102, 0.22035988, 0.18437181].forEach((v, i) => {
    expect(observation[i]).toBeCloseTo(v, 6)
  })
  expect(() => new CartPole().reset({ options: { low: 1, high: 0 } })).toThrow(/low 1 is above high 0/)
  expect(() => new CartPole().reset({ options: { low: 'a' } })).toThrow(/low 'a' is not a finite number/)
  expect(Math.abs(new Pendulum().reset({ options: { xInit: 0.01, yInit: 0.01 } })[0][2])).toBeLessThan(0.011)
})

test('a step without garbage is the same step', () => {
  const [a, b] = [new CartPole(), new CartPole()]
  a.reset({ seed: 4 })
  b.reset({ seed: 4 })
  const out = new Float32Array(10)
  for (let t = 0; t < 50; t++) {
    const [observation, reward, terminated] = a.step(t % 2)
    expect(b.stepInto(t % 2, out, 3)).toBe(terminated)
    expect([...out.slice(3, 7)]).toEqual([...observation])
    expect(b.reward).toBe(reward)
  }
})

test('random lakes have a way to the goal, the same for the same seed', () => {
  const map = generateRandomMap({ size: 6, p: 0.6, seed: 3 })
  expect(generateRandomMap({ size: 6, p: 0.6, seed: 3 })).toEqual(map)
  expect(map.join('')).toMatch(/^S[FH]{34}G$/)
  expect(new FrozenLake({ desc: map }).mdp.P.length).toBe(36)
  expect(new FrozenLake({ mapName: null }).mdp.P.length).toBe(64)
  expect(() => new FrozenLake({ desc: ['SF', 'F'] })).toThrow(/not a rectangle/)
  expect(() => new FrozenLake({ mapName: '5x5' as never })).toThrow(/mapName '5x5' is none of '4x4', '8x8'/)
})

test('a fickle passenger changes the destination once', () => {
  const taxi = new Taxi({ ficklePassenger: true, fickleProbability: 1 })
  let changes = 0
  for (let seed = 0; seed < 20; seed++) {
    taxi.reset({ seed })
    taxi.state = taxi.encode(2, 2, 4, 1)
    for (let t = 0; t < 5; t++) {
      const before = taxi.decode(taxi.state as number)[3]
      const [s] = taxi.step(t % 2)
      if (taxi.decode(s)[3] !== before) {
        changes++
        expect(t).toBe(0)
      }
    }
  }
  expect(changes).toBe(20)
})

test('bandits drift, and tell the best arm', () => {
  const bandit = new Bandit({ means: [0, 1, 2], drift: 0.1 })
  const [, { optimalAction }] = bandit.reset({ seed: 1 })
  expect(optimalAction).toBe(2)
  expect(bandit.step(0)[4].regret).toBe(2)
  expect([...(bandit.means as Float64Array)]).not.toEqual([0, 1, 2])
  expect(() => new Bandit({ means: [2], rewards: 'bernoulli' })).toThrow(/no probabilities/)
})

test('paint tells a canvas what rasterize fills', () => {
  const drawing: Drawing = {
    width: 20,
    height: 10,
    background: [0, 0, 0],
    commands: [
      {
        kind: 'polygon',
        points: [
          [2, 2],
          [8, 2],
          [8, 8],
          [2, 8],
        ],
        color: [255, 0, 0],
      },
      { kind: 'circle', center: [14, 5], radius: 3, color: [0, 255, 0] },
      {
        kind: 'line',
        points: [
          [0, 9],
          [20, 9],
        ],
        color: [0, 0, 255],
        width: 2,
      },
      { kind: 'text', at: [10, 5], text: 'A1', size: 5, color: [255, 255, 255] },
    ],
  }
  const { data } = rasterize(drawing)
  const pixel = (x: number, y: number): number[] => [...data.slice((y * 20 + x) * 4, (y * 20 + x) * 4 + 4)]
  expect(pixel(4, 4)).toEqual([255, 0, 0, 255])
  expect(pixel(15, 5)).toEqual([0, 255, 0, 255])
  expect(pixel(3, 9)).toEqual([0, 0, 255, 255])
  expect(pixel(0, 0)).toEqual([0, 0, 0, 255])
  const calls: string[] = []
  const context = new Proxy({} as PaintContext, {
    get: (_, name) => () => void calls.push(String(name)),
    set: () => true,
  })
  paint(drawing, context)
  expect(calls.filter((c) => ['fillRect', 'fill', 'stroke', 'fillText'].includes(c))).toEqual([
    'fillRect',
    'fill',
    'fill',
    'stroke',
    'fillText',
  ])
})
