// Settings that change while an agent learns.

/** A number, or a function of the share of the training that remains, from 1 down to 0. */
export type Annealed = number | ((remaining: number) => number)

export const annealed = (value: Annealed, remaining: number): number =>
  typeof value === 'number' ? value : value(remaining)
