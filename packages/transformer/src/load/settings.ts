// Reading configurations: names in camelCase, and values of the kind that is asked for.
import { snakeCase } from '@x/nn'
import { FormatError } from '@x/tensor'
import type { RotaryScaling } from '../blocks/rotary.ts'
import type { Settings } from './checkpoint.ts'

const camelCase = (name: string): string => name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase())

/** Settings under camelCase names, each of which is asked for by its kind. */
export class Config {
  private readonly values: Readonly<Record<string, unknown>>
  private readonly where: string

  constructor(settings: Settings, where: string) {
    this.values = Object.fromEntries(Object.entries(settings).map(([name, value]) => [camelCase(name), value]))
    this.where = where
  }

  /** The first of these names that is set. */
  private value(names: readonly string[]): unknown {
    for (const name of names)
      if (this.values[name] !== undefined && this.values[name] !== null) return this.values[name]
    return undefined
  }

  private get<T>(kind: string, names: readonly string[], fallback: T | undefined): T {
    const value = this.value(names) ?? fallback
    if (typeof value === kind) return value as T
    throw this.problem(`"${snakeCase(names[0])}" is ${JSON.stringify(value) ?? 'missing'}, not a ${kind}`)
  }

  /** @throws FormatError when it is not there and has no default */
  number(name: string | readonly string[], fallback?: number): number {
    return this.get('number', [name].flat(), fallback)
  }

  string(name: string | readonly string[], fallback?: string): string {
    return this.get('string', [name].flat(), fallback)
  }

  boolean(name: string | readonly string[], fallback?: boolean): boolean {
    return this.get('boolean', [name].flat(), fallback)
  }

  /** What is to be thrown for a configuration that means something else. */
  problem(reason: string): FormatError {
    return new FormatError(`${this.where}: ${reason}`)
  }

  /** null where it is not set. */
  optional(name: string): number | null {
    return this.value([name]) === undefined ? null : this.number(name)
  }

  object(name: string): Readonly<Record<string, unknown>> | null {
    const value = this.value([name])
    return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  }

  /** Base of the rotations, which newer configurations say elsewhere. */
  ropeTheta(): number {
    const theta = this.object('ropeParameters')?.rope_theta
    return typeof theta === 'number' ? theta : this.number('ropeTheta', 10000)
  }

  /** The tokens that begin, end and fill texts. */
  tokens(): { bosTokenId: number | null; eosTokenId: number | readonly number[] | null; padTokenId: number | null } {
    const eos = this.values.eosTokenId
    const eosTokenId = Array.isArray(eos) ? (eos as number[]) : this.optional('eosTokenId')
    return { bosTokenId: this.optional('bosTokenId'), eosTokenId, padTokenId: this.optional('padTokenId') }
  }

  /** How rotations are stretched. @throws FormatError for a kind that there is not */
  scaling(maxLength: number): RotaryScaling | null {
    const given = this.object('ropeScaling') ?? this.object('ropeParameters')
    if (!given) return null
    const own = new Config(given, `${this.where}: rope_scaling`)
    const type = own.string(['ropeType', 'type'], 'default')
    if (type === 'default') return null
    const factor = own.number('factor')
    const originalLength = own.number('originalMaxPositionEmbeddings', maxLength)
    if (type === 'linear') return { type, factor }
    if (type === 'dynamic') return { type, factor, originalLength }
    if (type === 'llama3') {
      const [lowFrequencyFactor, highFrequencyFactor] = [own.number('lowFreqFactor'), own.number('highFreqFactor')]
      return { type, factor, lowFrequencyFactor, highFrequencyFactor, originalLength }
    }
    if (type === 'yarn') {
      const [betaFast, betaSlow] = [own.number('betaFast', 32), own.number('betaSlow', 1)]
      const attentionFactor = own.optional('attentionFactor') ?? undefined
      return { type, factor, originalLength, betaFast, betaSlow, attentionFactor }
    }
    throw own.problem(`'${type}' is not linear, dynamic, llama3 or yarn`)
  }
}
