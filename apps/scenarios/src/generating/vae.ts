// A variational autoencoder learns to make digits; its latent plane is drawn as a map of digits.
import { valueAndGrad } from '@x/autograd'
import { Adam } from '@x/nn'
import { Vae } from '@x/nn/models'
import { Generator, manualSeed, rand, tensor, tidy } from '@x/tensor'
import { defineScenario, type Shown } from '../scenario.ts'
import { digitImages, PIXELS, realDigits, SIDE, strangeness } from './digits.ts'
import { loop } from './train.ts'

export const vae = defineScenario({
  name: 'vae',
  topic: 'Generating',
  title: 'Variational autoencoder',
  about:
    'Trained on the evidence lower bound, the code becomes a normal distribution that one can draw from: decoded draws ' +
    'are digits that nobody wrote. With two latent numbers the whole space can be drawn.',
  options: {
    latent: { kind: 'number', about: 'latent numbers', default: 2, least: 1, most: 32 },
    steps: { kind: 'number', about: 'training steps', default: 4000, least: 10, most: 100_000 },
  },
  async *run({ options: { latent, steps }, seed, quick, breathe }): AsyncGenerator<Shown> {
    manualSeed(seed)
    const generator = new Generator(seed)
    const model = new Vae(PIXELS, latent, { generator })
    const parameters = model.parameters()
    const optimizer = new Adam(parameters, { lr: 2e-3 })
    const data = realDigits()
    const first = tidy(() => model.elbo(data).loss.item())
    const means = yield* loop({
      data,
      steps: quick ? Math.min(steps, 1200) : steps,
      generator,
      breathe,
      names: ['bound', 'reconstruction', 'KL'],
      unit: 'nats',
      step: (batch) => {
        const { value, grads, aux } = valueAndGrad(() => {
          const { loss, reconstruction, kl } = model.elbo(batch)
          return [loss, [reconstruction, kl]]
        }, parameters)
        optimizer.step(grads)
        return [value, ...aux]
      },
    })
    if (latent === 2) yield plane(model)
    const drawn = model.sample(20, { generator })
    yield digitImages('samples', 'decoded from random codes', drawn)
    const strange = tidy(() => strangeness(model.sample(200, { generator }), data))
    const noise = tidy(() => strangeness(rand([200, PIXELS], { generator }), data))
    yield {
      kind: 'claim',
      text: `the bound fell from ${first.toFixed(1)} to ${means[0].toFixed(1)} nats`,
      holds: means[0] < first - 10,
    }
    const text = `distance to the nearest real digit: ${strange.toFixed(2)} (real ones 1, noise ${noise.toFixed(2)})`
    yield { kind: 'claim', text, holds: strange < 1.35 }
    for (const owner of [model, optimizer, generator, data, drawn]) owner.dispose()
  },
})

/** Normal quantiles at the middles of 12 equal shares: where codes are about equally likely. */
const QUANTILES = [-1.73, -1.15, -0.81, -0.55, -0.32, -0.1, 0.1, 0.32, 0.55, 0.81, 1.15, 1.73]

/** What every code in the plane decodes to, as one image. */
function plane(model: Vae): Shown {
  const n = QUANTILES.length
  const codes = QUANTILES.toReversed().flatMap((y) => QUANTILES.map((x) => [x, y]))
  const digits = tidy(() => model.decode(tensor(codes)).data() as Float32Array)
  const width = n * SIDE
  const pixels = new Float32Array(width * width)
  digits.forEach((value, i) => {
    const [image, at] = [Math.floor(i / PIXELS), i % PIXELS]
    const row = Math.floor(image / n) * SIDE + Math.floor(at / SIDE)
    pixels[row * width + (image % n) * SIDE + (at % SIDE)] = value
  })
  return { kind: 'images', id: 'plane', title: 'the latent plane, decoded', height: width, width, pixels: [pixels] }
}
