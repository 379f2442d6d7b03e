// Shows with a real PyTorch that weights go both ways: saved here, loaded there by name, the same outputs, saved there,
// loaded here. Takes a Python with torch (Debian: apt install python3-torch): npm run pytorch [-- --python PATH]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  GELU,
  GRU,
  LayerNorm,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  TransformerEncoderLayer,
} from '@x/nn'
import { manualSeed, randn, type Tensor, tidy } from '@x/tensor'
import { loadTorch, saveTorch } from '@x/tensor/files'

/** The output of a recurrent layer, without its state. */
class Last extends Module {
  readonly layer: LSTM | GRU
  constructor(layer: LSTM | GRU) {
    super()
    this.layer = layer
  }
  override forward(x: Tensor): Tensor {
    return (this.layer as GRU).forward(x)[0]
  }
}

const models: Readonly<Record<string, { model: Module; shape: readonly number[] }>> = {
  mlp: { model: new Sequential(new Linear(6, 8), new GELU(), new LayerNorm(8), new Linear(8, 3)), shape: [4, 6] },
  cnn: {
    model: new Sequential(
      ...[new Conv2d(2, 4, 3, { padding: 1 }), new BatchNorm2d(4), new ReLU(), new MaxPool2d(2)],
      ...[new Flatten(), new Linear(36, 5)],
    ),
    shape: [3, 2, 6, 6],
  },
  lstm: {
    model: new Last(new LSTM(4, 6, { numLayers: 2, bidirectional: true, batchFirst: true })),
    shape: [3, 5, 4],
  },
  gru: { model: new Last(new GRU(4, 6, { batchFirst: true })), shape: [3, 5, 4] },
  encoder: {
    model: new TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0, batchFirst: true }),
    shape: [2, 5, 8],
  },
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { python: { type: 'string', default: '/usr/bin/python3' } } })
  const folder = mkdtempSync(join(tmpdir(), 'x-pytorch-'))
  try {
    manualSeed(1)
    const inputs = new Map<string, Tensor>()
    for (const [name, { model, shape }] of Object.entries(models)) {
      // A pass in training mode first, so that running statistics are not what they start with.
      const x = randn(shape)
      tidy(() => model.train().forward(x))
      inputs.set(name, x)
      await saveTorch({ ...model.eval().stateDict(), x }, { to: join(folder, `${name}.pt`) })
    }
    const script = join(import.meta.dirname, 'roundTrip.py')
    const { status, stdout, stderr, error } = spawnSync(values.python, [script, folder], { encoding: 'utf8' })
    if (error || status !== 0) throw new Error(`${values.python} with torch is needed: ${error?.message ?? stderr}`)
    console.log(`PyTorch ${stdout.trim()}`)
    for (const [name, { model }] of Object.entries(models))
      await compare(name, model, inputs.get(name) as Tensor, folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compare(name: string, model: Module, x: Tensor, folder: string): Promise<void> {
  const back = await loadTorch<{ y: Tensor; state: Record<string, Tensor> }>(join(folder, `${name}.back.pt`))
  const worst = tidy(() => model.forward(x).sub(back.y).abs().max().item())
  for (const [key, own] of Object.entries(model.stateDict())) {
    const same = tidy(() => own.eq(back.state[key].cast(own.dtype)).all().item())
    if (!same) throw new Error(`${name}: ${key} came back changed`)
  }
  model.loadStateDict(back.state)
  if (worst > 1e-5) throw new Error(`${name}: outputs differ by ${worst}`)
  console.log(
    `${name.padEnd(8)} ${Object.keys(back.state).length} tensors both ways, outputs differ by ${worst.toExponential(1)}`,
  )
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
