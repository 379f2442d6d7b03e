// What an environment says of the kernel that steps many of it at once.
import type { FiniteMdp } from '../envs/mdp.ts'

/** How a kind of environment is stepped by a kernel (assembly/rl). */
export interface Vectorized {
  /** Name of the kernel; that of its resets has 'Reset' behind it. */
  readonly kernel: string
  /** Numbers of a state. */
  readonly states: number
  /** The two numbers that bound a start, and what the reset options call them; none for starts that cannot be moved. */
  readonly start?: { readonly names: readonly [string, string]; readonly bounds: readonly [number, number] }
  /** Further numbers that the kernel takes, from its place 4 on. */
  readonly numbers: readonly number[]
  /** The dynamics, where they are a table. */
  readonly mdp?: FiniteMdp
}

/** An environment that a kernel can step. */
export interface Vectorizable {
  readonly vectorized: Vectorized | null
}
