// What every configuration owes: sizes that are whole numbers, and no name that means nothing.
import { checkOptions } from '@x/tensor/op'

/** Names of the tokens that begin, end and fill texts. */
const TOKENS = ['eosTokenId', 'bosTokenId', 'padTokenId', 'decoderStartTokenId']

/**
 * @param sizes names that must be there, whole numbers from 1 @param others names that may be there
 * @throws RangeError naming what is missing, no size, or unknown
 */
export function checkConfig(model: string, config: object, sizes: readonly string[], others: readonly string[]): void {
  checkOptions(model, config, [...sizes, ...others, ...TOKENS])
  for (const name of sizes) {
    const value = (config as Record<string, unknown>)[name]
    if (!(Number.isInteger(value) && (value as number) >= 1))
      throw new RangeError(`${model}: ${name} is ${value ?? 'missing'}, not a whole number from 1`)
  }
}
