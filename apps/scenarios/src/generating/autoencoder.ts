// An autoencoder presses 64 pixels into two numbers; where the digits lie in that plane is drawn.
import { valueAndGrad } from '@x/autograd'
import { Adam, mseLoss } from '@x/nn'
import { Autoencoder } from '@x/nn/models'
import { Generator, slice, tidy } from '@x/tensor'
import { bundledDigits } from '../digits/images.ts'
import { defineScenario, type Shown } from '../scenario.ts'
import { digitImages, PIXELS, realDigits } from './digits.ts'
import { loop } from './train.ts'

export const autoencoder = defineScenario({
  name: 'autoencoder',
  topic: 'Generating',
  title: 'Autoencoder: 64 pixels in 2 numbers',
  about:
    'A network learns to restore digits that had to pass through a code of a few numbers. With two of them the code is a ' +
    'map: digits of one kind lie together although nobody said which is which.',
  options: {
    code: { kind: 'number', about: 'numbers in the code', default: 2, least: 1, most: 32 },
    steps: { kind: 'number', about: 'training steps', default: 3000, least: 10, most: 100_000 },
  },
  async *run({ options: { code, steps }, seed, quick, breathe }): AsyncGenerator<Shown> {
    const generator = new Generator(seed)
    const model = new Autoencoder(PIXELS, code, { generator })
    const parameters = model.parameters()
    const optimizer = new Adam(parameters, { lr: 3e-3 })
    const data = realDigits()
    const untrained = tidy(() => mseLoss(model.forward(data), data).item())
    yield* loop({
      data,
      steps: quick ? Math.min(steps, 1000) : steps,
      generator,
      breathe,
      names: ['squared error'],
      unit: 'squared error per pixel',
      step: (batch) => {
        const { value, grads } = valueAndGrad(() => mseLoss(model.forward(batch), batch), parameters)
        optimizer.step(grads)
        return [value]
      },
    })
    const { labels } = bundledDigits()
    const codes = tidy(() => model.encode(data).toArray() as number[][])
    const groups = Array.from({ length: 10 }, (_, digit) => {
      const own = codes.filter((_, i) => labels[i] === digit)
      return { name: String(digit), x: own.map((c) => c[0]), y: own.map((c) => c[1] ?? 0) }
    })
    yield { kind: 'points', id: 'codes', title: 'the code of every digit', groups }
    const some = data.at(slice(0, 10))
    yield digitImages('real', 'ten digits', some)
    yield digitImages(
      'restored',
      'restored from their codes',
      tidy(() => model.forward(some)),
    )
    const error = tidy(() => mseLoss(model.forward(data), data).item())
    const text = `squared error per pixel ${error.toFixed(4)}, before the training ${untrained.toFixed(4)}`
    yield { kind: 'claim', text, holds: error < untrained / 3 }
    for (const owner of [model, optimizer, generator, data]) owner.dispose()
  },
})
