// Every workload.
import type { Definition } from '../workload.ts'
import { elementwise } from './elementwise.ts'
import { images } from './images.ts'
import { language } from './language.ts'
import { linear } from './linalg.ts'
import { picking } from './picking.ts'
import { products } from './products.ts'
import { rows } from './rows.ts'
import { sequences } from './sequences.ts'
import { sorting } from './sorting.ts'
import { tokenizingWorkloads } from './tokenizing.ts'
import { training } from './training.ts'

export const definitions: readonly Definition<string>[] = [
  ...elementwise,
  ...rows,
  ...picking,
  ...sorting,
  ...products,
  ...images,
  ...linear,
  ...training,
  ...sequences,
  ...language,
  ...tokenizingWorkloads,
]
