// The families and their ops.
import { activations } from './activations.ts'
import { attention } from './attention.ts'
import { decoding } from './decoding.ts'
import { binary, unary } from './elementwise.ts'
import { errors } from './errors.ts'
import { formats } from './formats.ts'
import { grad2, gradconv, programs } from './gradients.ts'
import { indexing } from './indexing.ts'
import { init } from './init.ts'
import { integers } from './integers.ts'
import { layers } from './layers.ts'
import { linalg } from './linalg.ts'
import { stories } from './llama.ts'
import { losses } from './losses.ts'
import { hfTiny } from './models.ts'
import { nets } from './networks.ts'
import { optim } from './optim.ts'
import { products } from './products.ts'
import { reduce } from './reduce.ts'
import { rl, rlEnvs } from './rl.ts'
import { rnn } from './rnn.ts'
import { schedulers } from './schedulers.ts'
import { seeds } from './seeds.ts'
import { shape } from './shape.ts'
import { sorting } from './sorting.ts'
import type { Table } from './table.ts'
import { tokenizers } from './tokenizers.ts'
import { training } from './training.ts'

/** The table of every family by its recorded name. */
export const families: Readonly<Record<string, Table>> = {
  activations,
  attention,
  binary,
  decoding,
  errors,
  formats,
  grad2,
  gradconv: { ...unary, ...binary, ...activations, ...reduce, ...gradconv },
  indexing,
  'hf-tiny': hfTiny,
  init,
  intcast: integers,
  linalg,
  'llama-stories260K': stories,
  losses,
  matmul: products,
  nets,
  nnlayers: layers,
  optim,
  programs,
  reduce,
  rl,
  'rl-envs': rlEnvs,
  rnn,
  schedulers,
  seeds,
  shape: { ...unary, ...reduce, ...shape },
  sorting,
  tokenizers,
  training,
  unary,
}
