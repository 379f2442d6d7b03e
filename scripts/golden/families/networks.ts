// Small networks: one step with all gradients, and whole trainings from given parameters and batches.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conv2d, crossEntropy, type FusedActivation, linear } from '@x/nn'
import { dispose, type Tensor, tensor, tidy } from '@x/tensor'
import { maxPool2d } from '@x/tensor/conv'
import { agreeValues } from '../compare.ts'
import { type Case, type Recorded, toTensor, valuesOf } from '../read.ts'
import { OPTIMIZERS, step } from './optim.ts'
import { type Check, type Inputs, readingAll, type Table } from './table.ts'

type Layer = (x: Tensor, weight: Tensor, bias: Tensor) => Tensor

/** Applies a layer with the parameters of that name. */
const withParameters =
  (parameters: Inputs, prefix: string) =>
  (name: string, x: Tensor, layer: Layer): Tensor =>
    layer(x, parameters[`${prefix}${name}.weight`], parameters[`${prefix}${name}.bias`])

export const nets: Table = {
  MLP: (inputs, { dims, activation }) => {
    const layer = withParameters(inputs, 'param:')
    let x = inputs.input
    for (let i = 0; i < dims.length - 1; i++) {
      x = layer(`l.${i}`, x, linear)
      if (i < dims.length - 2) x = x[activation as FusedActivation & 'relu']()
    }
    return [x, crossEntropy(x, inputs.target)]
  },
  'relu(c2(relu(c1 x)) + sk x)': (inputs) => {
    const layer = withParameters(inputs, 'param:')
    const { input: x } = inputs
    const y = layer('c1', x, (x, w, b) => conv2d(x, w, b, { stride: 2, padding: 1 })).relu()
    const skipped = layer('sk', x, (x, w, b) => conv2d(x, w, b, { stride: 2 }))
    return layer('c2', y, (x, w, b) => conv2d(x, w, b, { padding: 1 }))
      .add(skipped)
      .relu()
  },
}

/** Pixels [n, 64] from 0 to 1, and labels. */
interface Digits {
  readonly pixels: number[]
  readonly labels: number[]
}

/** The digits lie beside the vectors, in `_data.json`. */
function digitsIn(folder: string): Digits {
  const path = join(folder, '_data.json')
  if (!existsSync(path)) throw new Error(`the digits are not in ${path}`)
  const { X, y } = JSON.parse(readFileSync(path, 'utf8')).datasets.digits as { X: Recorded; y: Recorded }
  return { pixels: Array.from(valuesOf(X), (v) => Number(v) / 16), labels: Array.from(valuesOf(y), Number) }
}

type Forward = (x: Tensor, parameters: Inputs) => Tensor

const digitsTraining = (forward: Forward): Check => ({
  check: (c, precision) => {
    const { init, losses, final } = c.rest
    const { opt, batch, ...args } = c.args
    const digits = digitsIn(c.folder)
    const parameters: Record<string, Tensor> = {}
    for (const [name, t] of Object.entries(init as Record<string, Recorded>)) parameters[name] = toTensor(t, precision)
    const optimizer = readingAll(args, (args) => OPTIMIZERS[opt](Object.values(parameters), args))
    try {
      const seen = (losses as number[]).map((_, k) =>
        tidy(() => {
          const { x, y } = batchOf(c, digits, k * batch, batch)
          return step(optimizer, () => crossEntropy(forward(x.cast(precision), parameters), y))
        }),
      )
      const exact = precision === 'float64'
      agreeValues('the losses', seen, losses, { exact })
      if (!exact) return
      for (const [name, p] of Object.entries(parameters)) {
        agreeValues(`${name} at the end`, p.data(), valuesOf(final[name]), { exact })
      }
    } finally {
      dispose(optimizer)
    }
  },
})

function batchOf({ rest }: Case, { pixels, labels }: Digits, start: number, size: number): { x: Tensor; y: Tensor } {
  const rows: number[] = rest.data.order.slice(start, start + size)
  return {
    x: tensor(Float64Array.from(rows.flatMap((row) => pixels.slice(row * 64, row * 64 + 64))), { shape: [size, 64] }),
    y: tensor(
      rows.map((row) => labels[row]),
      { dtype: 'int32' },
    ),
  }
}

export const training: Table = {
  'MLP 64-32-10 relu': digitsTraining((x, parameters) => {
    const layer = withParameters(parameters, '')
    return layer('l2', layer('l1', x, linear).relu(), linear)
  }),
  'CNN c1(1,6,3,p1) relu pool2 c2(6,12,3,p1) relu pool2 fc(48,10)': digitsTraining((x, parameters) => {
    const layer = withParameters(parameters, '')
    const block = (name: string, x: Tensor): Tensor =>
      maxPool2d(layer(name, x, (x, w, b) => conv2d(x, w, b, { padding: 1 })).relu(), 2)
    return layer('f', block('c2', block('c1', x.reshape([-1, 1, 8, 8]))).flatten(1), linear)
  }),
}
