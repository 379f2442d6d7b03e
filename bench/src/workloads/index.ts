// Every workload.
import type { Definition } from '../workload.ts'
import { elementwise } from './elementwise.ts'
import { products } from './products.ts'
import { rows } from './rows.ts'
import { training } from './training.ts'

export const definitions: readonly Definition<string>[] = [...elementwise, ...rows, ...products, ...training]
