// Settings of optimisers: what each may be, and where it lies in a row of float64 numbers.
import type { TypedArray } from '@x/tensor'
import { checkOptions } from '@x/tensor/op'

/** What a setting may be. */
export type SettingValue = number | boolean | readonly [number, number]

/** The values of the settings `S` take: low ≤ x < end. */
type Range = readonly [low: number, end: number]

/** One setting: its default, and the range of each of its numbers (a flag is 0 or 1). */
export interface Setting<V extends SettingValue = SettingValue> {
  readonly initial: V
  readonly ranges: readonly Range[]
  /** Whole numbers only. Default false. */
  readonly whole?: boolean
}

/** The settings of an optimiser by name. */
export type Settings<S> = { readonly [K in keyof S]: S[K] extends SettingValue ? Setting<S[K]> : never }

/** Ends of ranges, and the first number behind 1. By name, for to a bundler `Number.X` and `-x` may do anything. */
export const ENDLESS: number = 1 / 0
export const BOTTOMLESS: number = -1 / 0
export const BEHIND_ONE: number = 1 + 2 ** -52

/** A number, low ≤ x < end. */
export const number = (initial: number, low = 0, end: number = ENDLESS): Setting<number> => ({
  initial,
  ranges: [[low, end]],
})

/** A whole number, low ≤ n. */
export const whole = (initial: number, low = 0): Setting<number> => ({ ...number(initial, low), whole: true })

/** Two numbers, each in its range. */
export const pair = (
  initial: readonly [number, number],
  first: Range,
  second: Range = first,
): Setting<readonly [number, number]> => ({ initial, ranges: [first, second] })

export const flag: Setting<boolean> = { initial: false, ranges: [[0, 2]] }

/** What an optimiser is made with. */
export interface SettingsSpec<S> {
  /** Name of the optimiser, for messages. */
  readonly name: string
  readonly settings: Settings<S>
  /** @throws RangeError for settings that do not go together */
  check?(settings: S): void
}

/** Where settings lie in a row of numbers, one behind the other. */
export class Layout<S extends object> {
  /** How many numbers a row has. */
  readonly size: number
  private readonly spec: SettingsSpec<S>
  private readonly places: readonly { readonly name: string; readonly setting: Setting; readonly at: number }[]

  constructor(spec: SettingsSpec<S>) {
    this.spec = spec
    let size = 0
    this.places = Object.entries<Setting>(spec.settings).map(([name, setting]) => {
      const at = size
      size += setting.ranges.length
      return { name, setting, at }
    })
    this.size = size
  }

  get names(): readonly string[] {
    return this.places.map(({ name }) => name)
  }

  /** All settings: the first that is given among `options`, else the default. @throws RangeError */
  complete(...options: readonly Partial<S>[]): S {
    for (const o of options) checkOptions(this.spec.name, o, this.names)
    const given = options.map((o) => Object.entries(o).filter(([, value]) => value !== undefined))
    const merged = Object.fromEntries(given.reverse().flat()) as Partial<S>
    const all = this.places.map(({ name, setting }) => [
      name,
      (merged as Record<string, SettingValue>)[name] ?? setting.initial,
    ])
    const settings = Object.fromEntries(all) as S
    this.check(settings)
    return settings
  }

  /** @throws RangeError unless these are settings that the optimiser may have */
  check(settings: S): void {
    for (const { name, setting } of this.places)
      this.checkOne(name, setting, (settings as Record<string, SettingValue>)[name])
    this.spec.check?.(settings)
  }

  private checkOne(name: string, setting: Setting, value: SettingValue): void {
    const what = (k: number): string => `${this.spec.name}: ${name}${setting.ranges.length > 1 ? `[${k}]` : ''}`
    if (typeof setting.initial === 'boolean') {
      if (typeof value !== 'boolean') throw new RangeError(`${what(0)} ${value} is not true or false`)
      return
    }
    const numbers = Array.isArray(value) ? value : [value]
    setting.ranges.forEach(([low, end], k) => {
      const x = numbers[k]
      if (typeof x !== 'number' || !(x >= low && x < end))
        throw new RangeError(`${what(k)} ${x} is not in [${low}, ${end})`)
      if (setting.whole && !Number.isInteger(x)) throw new RangeError(`${what(k)} ${x} is not a whole number`)
    })
  }

  /** The row of these settings. */
  row(values: S): number[] {
    return this.places.flatMap(({ name }) => numbersOf((values as Record<string, SettingValue>)[name]))
  }

  /** The settings in the row that begins at `start`. */
  read(view: TypedArray, start: number): S {
    const values: Record<string, SettingValue> = {}
    for (const { name, setting, at } of this.places) values[name] = valueAt(setting, view, start + at)
    return values as S
  }

  get(name: string, view: TypedArray, start: number): SettingValue {
    const { setting, at } = this.place(name)
    return valueAt(setting, view, start + at)
  }

  set(name: string, value: SettingValue, view: TypedArray, start: number): void {
    const { at } = this.place(name)
    numbersOf(value).forEach((x, k) => {
      view[start + at + k] = x
    })
  }

  private place(name: string): Layout<S>['places'][number] {
    return this.places.find((place) => place.name === name) as Layout<S>['places'][number]
  }
}

function valueAt({ initial }: Setting, view: TypedArray, at: number): SettingValue {
  if (typeof initial === 'number') return view[at]
  return typeof initial === 'boolean' ? view[at] !== 0 : [view[at], view[at + 1]]
}

function numbersOf(value: SettingValue): readonly number[] {
  if (typeof value === 'boolean') return [Number(value)]
  return typeof value === 'number' ? [value] : value
}
