// What a baseline is: a model trained on real data, and the score that is compared with the recorded one.

/** Where the data sets lie. */
export type Folder = string

export interface Baseline {
  /** The recorded id. */
  readonly id: string
  /** Trains with this seed; the score under the recorded metric. */
  run(folder: Folder, seed: number): Promise<number> | number
}
