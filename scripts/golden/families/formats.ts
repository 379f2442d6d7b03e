// Files of tensors.
import { join } from 'node:path'
import { Tensor, tidy } from '@x/tensor'
import { loadNpy, loadNpz, loadSafetensors, loadTorch, type TorchValue } from '@x/tensor/files'
import { agree, agreeExactly, agreeKind, isFloat, Mismatch } from '../compare.ts'
import type { Case, Recorded } from '../read.ts'
import { containers } from './llama.ts'
import { checkpoints } from './models.ts'
import { quants } from './quants.ts'
import type { Table } from './table.ts'

/** Files lie in the folder of models beside that of the vectors. */
const pathsOf = ({ folder, rest }: Case): string[] =>
  [rest.file].flat().map((file) => join(folder, '..', 'models', String(file)))

/** Every tensor that was recorded is there; what a file holds is exact in every run. Frees them. */
function compare(tensors: Readonly<Record<string, Tensor>>, wanted: Readonly<Record<string, Recorded>>): void {
  try {
    for (const [name, recorded] of Object.entries(wanted)) {
      if (!tensors[name]) throw new Mismatch(`tensor '${name}' is missing`)
      tidy(() => compareOne(`tensor '${name}'`, tensors[name], recorded))
    }
  } finally {
    for (const x of Object.values(tensors)) x.dispose()
  }
}

function compareOne(what: string, x: Tensor, recorded: Recorded): void {
  // Halves were recorded as float32, and numbers without axes with one.
  const wide = x.dtype === 'float16' || x.dtype === 'bfloat16' ? x.cast('float32') : x
  const got = x.ndim === 0 ? wide.reshape(recorded.shape) : wide
  agreeKind(what, got, recorded, recorded.dtype === 'f64' ? 'float64' : 'float32')
  if (isFloat(recorded)) agree(what, got, { recorded, exact: true })
  else agreeExactly(what, got, recorded)
}

/** The tensors of dictionaries in each other, by their path. */
function flat(value: TorchValue, path = ''): Record<string, Tensor> {
  if (value instanceof Tensor) return { [path]: value }
  if (typeof value !== 'object' || value === null) return {}
  const parts = Object.entries(value).map(([name, v]) => flat(v as TorchValue, path === '' ? name : `${path}.${name}`))
  return Object.assign({}, ...parts)
}

export const formats: Table = {
  ...checkpoints,
  ...containers,
  ...quants,
  'safetensors read': {
    read: async (c) => {
      for (const path of pathsOf(c)) compare((await loadSafetensors(path)).tensors, c.rest.tensors)
    },
  },
  'npy read': {
    read: async (c) => {
      for (const [i, path] of pathsOf(c).entries()) compare({ y: await loadNpy(path) }, { y: c.rest.outputs[i] })
    },
  },
  'torch.load (zip pickle)': {
    read: async (c) => {
      for (const path of pathsOf(c)) compare(flat(await loadTorch<TorchValue>(path)), c.rest.tensors)
    },
  },
  'npz read': {
    read: async (c) => {
      const wanted = new Map(Object.entries<Recorded>(c.rest.tensors))
      const found = new Set<string>()
      for (const path of pathsOf(c)) {
        const tensors = await loadNpz(path)
        const names = Object.keys(tensors).filter((name) => wanted.has(name))
        compare(tensors, Object.fromEntries(names.map((name) => [name, wanted.get(name) as Recorded])))
        for (const name of names) found.add(name)
      }
      // Not every file has all of them.
      for (const name of wanted.keys()) if (!found.has(name)) throw new Mismatch(`tensor '${name}' is missing`)
    },
  },
}
