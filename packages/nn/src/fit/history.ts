// What a training was like: one record per epoch, one loss per update.

/** The numbers of an epoch by name: `epoch`, `seconds`, `lr`, `loss`, and those of the validation and its metrics. */
export type EpochRecord = Readonly<Record<string, number>>

/** A line to draw. */
export interface Series {
  /** Epochs, or updates, from 1. */
  readonly x: number[]
  /** The numbers. */
  readonly y: number[]
}

/**
 * What a training was like, epoch by epoch: what `fit` returns, and what plots and tables are drawn from.
 * @example
 * import { History } from '@x/nn/training'
 * const history = new History([{ epoch: 1, loss: 2 }, { epoch: 2, loss: 1 }])
 * history.last.loss // 1
 */
export class History {
  readonly epochs: EpochRecord[]
  /** The loss of every update of the weights. */
  readonly losses: number[]

  constructor(epochs: readonly EpochRecord[] = [], losses: readonly number[] = []) {
    this.epochs = [...epochs]
    this.losses = [...losses]
  }

  /** The last record. @throws RangeError before the first epoch is over */
  get last(): EpochRecord {
    const last = this.epochs.at(-1)
    if (!last) throw new RangeError('History: no epoch is over yet')
    return last
  }

  /** Names of the numbers, in order. */
  get names(): string[] {
    return [...new Set(this.epochs.flatMap((record) => Object.keys(record)))]
  }

  /**
   * A number over the epochs, as a plot takes it; `'losses'` is the loss over the updates.
   * @throws RangeError when there is no such number
   * @example
   * import { History } from '@x/nn/training'
   * new History([{ epoch: 1, loss: 2 }, { epoch: 2, loss: 1 }]).series('loss') // { x: [1, 2], y: [2, 1] }
   */
  series(name: string): Series {
    if (name === 'losses') return { x: this.losses.map((_, i) => i + 1), y: [...this.losses] }
    const records = this.epochs.filter((record) => name in record)
    if (records.length === 0)
      throw new RangeError(`History: there is no '${name}' among losses, ${this.names.join(', ')}`)
    return { x: records.map(({ epoch }) => epoch), y: records.map((record) => record[name]) }
  }

  /** Comma-separated values, one line per epoch. */
  toCsv(): string {
    const { names } = this
    const lines = this.epochs.map((record) => names.map((name) => record[name] ?? '').join(','))
    return `${[names.join(','), ...lines].join('\n')}\n`
  }

  /** A table, one line per epoch. */
  toString(): string {
    const { names } = this
    const rows = [names, ...this.epochs.map((record) => names.map((name) => show(record[name])))]
    const widths = names.map((_, c) => Math.max(...rows.map((row) => row[c].length)))
    return rows.map((row) => row.map((cell, c) => cell.padStart(widths[c])).join('  ')).join('\n')
  }
}

const show = (value: number | undefined): string =>
  value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toPrecision(4)
