// Denoising diffusion: digits are walked out of noise, step by step.
import { valueAndGrad } from '@x/autograd'
import { Adam } from '@x/nn'
import { Diffusion } from '@x/nn/models'
import { Generator, manualSeed, rand, randn, slice, type Tensor, tidy } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'
import { digitImages, PIXELS, realDigits, strangeness } from './digits.ts'
import { BATCH, loop } from './train.ts'

export const diffusion = defineScenario({
  name: 'diffusion',
  topic: 'Generating',
  title: 'Denoising diffusion',
  about:
    'Noise is added to digits in many small steps, and a network learns to say what was added. Walking the steps back from ' +
    'pure noise makes digits that were never written.',
  options: {
    steps: { kind: 'number', about: 'training steps', default: 8000, least: 10, most: 200_000 },
    walk: { kind: 'number', about: 'steps from noise to a digit', default: 60, least: 10, most: 1000 },
  },
  async *run({ options: { steps, walk }, seed, quick, breathe }): AsyncGenerator<Shown> {
    manualSeed(seed)
    const generator = new Generator(seed)
    const model = new Diffusion(PIXELS, { steps: walk, generator })
    const parameters = model.parameters()
    const optimizer = new Adam(parameters, { lr: 1e-3 })
    const data = realDigits()
    const centred = tidy(() => data.mul(2).sub(1)) // [-1, 1]
    const [error] = yield* loop({
      data: centred,
      steps: quick ? Math.min(steps, 2500) : steps,
      generator,
      breathe,
      names: ['squared error of the noise'],
      unit: 'squared error',
      step: (batch) => {
        const t = rand([BATCH]).mul(walk).floor().cast('int32')
        const noise = randn(batch.shape)
        const { value, grads } = valueAndGrad(() => model.loss(batch, t, noise), parameters)
        optimizer.step(grads)
        return [value]
      },
    })
    const ink = (x: Tensor): Tensor => x.add(1).div(2)
    const stages: Shown[] = []
    const drawn = tidy(() => {
      const seen = (x: Tensor, t: number): void => {
        if (t % Math.ceil(walk / 6) === 0) {
          const some = tidy(() => ink(x.at(slice(0, 8)).maximum(-1).minimum(1)))
          stages.push(digitImages(`t${t}`, `${t} steps before the end`, some))
        }
      }
      return ink(model.sample(200, { generator, seen }))
    })
    yield* stages
    const strange = strangeness(drawn, data)
    const noise = tidy(() => strangeness(rand([200, PIXELS], { generator }), data))
    yield {
      kind: 'claim',
      text: `the noise is told with a squared error of ${error.toFixed(2)} instead of 1`,
      holds: error < 0.5,
    }
    const text = `distance to the nearest real digit: ${strange.toFixed(2)} (real ones 1, noise ${noise.toFixed(2)})`
    yield { kind: 'claim', text, holds: strange < 1.5 }
    for (const owner of [model, optimizer, generator, data, centred, drawn]) owner.dispose()
  },
})
