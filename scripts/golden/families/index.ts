// The families and their ops.
import { activations } from './activations.ts'
import { binary, unary } from './elementwise.ts'
import { errors } from './errors.ts'
import { formats } from './formats.ts'
import { grad2, gradconv, programs } from './gradients.ts'
import { indexing } from './indexing.ts'
import { integers } from './integers.ts'
import { layers } from './layers.ts'
import { losses } from './losses.ts'
import { nets, training } from './networks.ts'
import { optim } from './optim.ts'
import { products } from './products.ts'
import { reduce } from './reduce.ts'
import { schedulers } from './schedulers.ts'
import { seeds } from './seeds.ts'
import { shape } from './shape.ts'
import type { Table } from './table.ts'

/** The table of every family by its recorded name. */
export const families: Readonly<Record<string, Table>> = {
  activations,
  binary,
  errors,
  formats,
  grad2,
  gradconv: { ...unary, ...binary, ...activations, ...reduce, ...gradconv },
  indexing,
  intcast: integers,
  losses,
  matmul: products,
  nets,
  nnlayers: layers,
  optim,
  programs,
  reduce,
  schedulers,
  seeds,
  shape: { ...unary, ...reduce, ...shape },
  sorting: indexing,
  training,
  unary,
}
