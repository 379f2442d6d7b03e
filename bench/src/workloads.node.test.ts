// Every workload is right on all of our columns, and every op has a workload: what keeps the bench from rotting.
import { setBackend } from '@x/tensor'
import { listen, ops } from '@x/tensor/op'
import { afterAll, describe, expect, test } from 'vitest'
import { differenceOf } from './check.ts'
import { openHand } from './engines/hand.ts'
import { type Mode, openOurs } from './engines/ours.ts'
import { Random } from './hostArray.ts'
import { rowsOf, tinyRow } from './workload.ts'
import { definitions } from './workloads/index.ts'

const modes: readonly Mode[] = ['js', 'wasm', 'untidied', 'threads', 'compiled']
const heard = new Set<string>()

afterAll(() => setBackend('wasm'))

describe.each(definitions.map((d) => [d.name, tinyRow(d)] as const))('%s', (_, workload) => {
  const values = () => workload.data(new Random(1), workload.size)

  test('gives the same on all our columns, and runs', async () => {
    const expected = (await (await (await openOurs('js')).start(workload, values())).results()) ?? []
    expect(expected.length).toBeGreaterThan(0)
    for (const mode of modes) {
      if (mode === 'compiled' && workload.dynamic) continue
      const job = await (await openOurs(mode)).start(workload, values())
      const found = await (mode === 'wasm'
        ? listen(
            ({ op }) => heard.add(op.name),
            () => job.results(),
          )
        : job.results())
      expect(differenceOf(found ?? [], expected, workload), mode).toBeNull()
      await job.run()
      await job.close()
    }
    if (!workload.hand) return
    const job = await openHand().start(workload, values())
    expect(differenceOf((await job.results()) ?? [], expected, workload), 'hand').toBeNull()
    await job.run()
  })
})

test('no two rows have the same name', () => {
  const ids = definitions.flatMap(rowsOf).map(({ section, id }) => `${section} ${id}`)
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
})

test('every op has a workload', () => {
  // A gradient of a gradient, and a look at the same memory: in nobody's inner loop.
  const exempt = ['maxPool2dPick', 'stopGradient']
  const missing = [...ops.keys()].filter((name) => !heard.has(name) && !exempt.includes(name))
  expect(missing, 'add a workload for each to bench/src/workloads/').toEqual([])
})
