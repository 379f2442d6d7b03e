// What losses share: how those of single examples become the result, and what their options and signs may be.
import type { Tensor } from '@x/tensor'
import { checkOptions, requireTensor } from '@x/tensor/op'
import { oneOf } from '../options.ts'
import { checkValues } from '../values.ts'

/** How the losses of single examples become the result. */
export type LossReduction = 'mean' | 'sum' | 'none'

/** What all losses let be chosen. */
export interface LossOptions {
  /** Default 'mean'. */
  reduction?: LossReduction
}

const REDUCTIONS: readonly string[] = ['mean', 'sum', 'none']

/**
 * @param known what the loss takes besides `reduction`
 * @throws RangeError for options that a loss does not have, and other reductions; TypeError for no options object
 */
export function checkLoss(
  name: string,
  options: { reduction?: string },
  known: readonly string[] = [],
  reductions: readonly string[] = REDUCTIONS,
): void {
  checkOptions(name, options, ['reduction', ...known])
  oneOf(`${name}: reduction`, options.reduction ?? 'mean', reductions)
}

/** @throws TypeError naming what is no tensor */
export function requireTensors(op: string, given: Readonly<Record<string, Tensor>>): void {
  for (const name in given) requireTensor(op, name, given[name])
}

/** The losses as `checkLoss` has let the options through. */
export function reduceLoss(losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  return reduction === 'none' ? losses : losses[reduction]()
}

/** Whether to be alike (1) or not (−1). @throws RangeError for other values */
export const checkSigns = (name: string, target: Tensor): void =>
  checkValues(`${name}: target`, target, (t) => (t === 1 || t === -1 ? null : 'is neither 1 nor -1'))
