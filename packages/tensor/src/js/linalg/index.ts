// The twins of the linalg kernels.
import type { Twins } from '../family.ts'
import { eig } from './eig.ts'
import { eigh } from './eigh.ts'
import { qr } from './qr.ts'
import { svd } from './svd.ts'
import { systems } from './systems.ts'

export const linalg: Twins = { ...systems, ...qr, ...eigh, ...svd, ...eig }
