// Files of tensors.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadSafetensors } from '@x/tensor'
import { agree, agreeExactly, agreeKind, isFloat, Mismatch } from '../compare.ts'
import type { Case, Precision, Recorded } from '../read.ts'
import type { Table } from './table.ts'

/** Files lie in the folder of models beside that of the vectors. */
const bytesOf = ({ folder, rest }: Case): Uint8Array => readFileSync(join(folder, '..', 'models', String(rest.file)))

function checkSafetensors(c: Case): void {
  const { tensors } = loadSafetensors(bytesOf(c))
  for (const [name, recorded] of Object.entries(c.rest.tensors as Record<string, Recorded>)) {
    const got = tensors[name]
    if (!got) throw new Mismatch(`tensor '${name}' is missing`)
    const precision: Precision = recorded.dtype === 'f64' ? 'float64' : 'float32'
    agreeKind(`tensor '${name}'`, got, recorded, precision)
    if (isFloat(recorded)) agree(`tensor '${name}'`, got, { recorded, exact: true })
    else agreeExactly(`tensor '${name}'`, got, recorded)
  }
}

export const formats: Table = {
  'safetensors read': { check: checkSafetensors },
}
