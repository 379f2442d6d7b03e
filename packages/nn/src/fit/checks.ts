// What callers of the loops may give: refused here, before anything is done, in the loops' own words.
import { Tensor } from '@x/tensor'
import { requireFunction, requireTensor } from '@x/tensor/op'
import type { Batch } from '../data/datasets.ts'
import { Module } from '../module.ts'
import { Optimizer } from '../optim/optimizer.ts'
import { refuse } from '../refuse.ts'
import type { Callback } from './callbacks.ts'

/** @throws TypeError unless `model` is a module */
export function requireModule(op: string, model: unknown): void {
  if (!(model instanceof Module)) throw refuse(`${op}: model`, model, 'a Module')
}

/** @throws TypeError unless `data` can be iterated over for batches */
export function requireBatches(op: string, name: string, data: unknown): void {
  const given = Object(data)
  if (data instanceof Tensor || !(Symbol.iterator in given || Symbol.asyncIterator in given))
    throw refuse(`${op}: ${name}`, data, 'batches { x, y } in a list or a DataLoader')
}

/** @throws TypeError unless `batch` is { x, y } */
export function requireBatch(op: string, batch: Batch): void {
  requireTensor(op, 'x of a batch { x, y }', batch?.x)
  requireTensor(op, 'y of a batch { x, y }', batch?.y)
}

/** @throws TypeError unless `optimizer` takes gradients */
export function requireOptimizer(op: string, optimizer: unknown): void {
  if (!(optimizer instanceof Optimizer))
    throw refuse(`${op}: optimizer`, optimizer, 'one that takes gradients; LBFGS needs a loop of your own')
}

/** @throws TypeError unless `metrics` are functions by name */
export function requireMetrics(op: string, metrics: object): void {
  if (Array.isArray(metrics) || Object(metrics) !== metrics)
    throw refuse(`${op}: metrics`, metrics, 'functions by name, such as { accuracy }')
  for (const [name, metric] of Object.entries(metrics)) requireFunction(op, `metric '${name}'`, metric)
}

const HOOKS = ['onStep', 'onEpoch', 'onEnd'] as const

/** @throws TypeError unless `callbacks` are objects that hear of something */
export function requireCallbacks(op: string, callbacks: readonly Callback[]): void {
  if (!Array.isArray(callbacks)) throw refuse(`${op}: callbacks`, callbacks, 'a list')
  for (const callback of callbacks)
    if (!HOOKS.some((hook) => typeof callback?.[hook] === 'function'))
      throw refuse(`${op}: a callback`, callback, `an object with ${HOOKS.join(' or ')}`)
}
