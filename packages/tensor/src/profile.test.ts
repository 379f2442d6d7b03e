// The profiler counts calls and bytes of each op, nests, waits for promises, and leaves no trace.
import { expect, test } from 'vitest'
import { compile, ones, randn, type Tensor, tidy } from './index.ts'
import { profile } from './profile.ts'
import { type Performer, setPerformer } from './record.ts'

/** Who carries out ops now. */
function performer(): Performer {
  const present = setPerformer(() => expect.unreachable())
  setPerformer(present)
  return present
}
const usual = performer()
const isOff = (): boolean => performer() === usual

test('calls, bytes and times of each op', () => {
  const x = ones([10, 10])
  const { result, ops, total } = profile(() => tidy(() => x.add(1).add(x.mT).exp().max()).item())
  expect(result).toBeCloseTo(Math.exp(3), 3)
  const of = (name: string) => ops.find(({ op }) => op === name)
  expect([of('add')?.calls, of('add')?.bytes, of('exp')?.bytes, of('max')?.bytes]).toEqual([2, 800, 400, 4])
  const views = ops.filter(({ bytes }) => bytes === 0)
  expect(views.map(({ calls }) => calls)).toEqual([1])
  expect(total.calls).toBe(5)
  expect(total.bytes).toBe(1204)
  expect(total.opsMs).toBeLessThanOrEqual(total.ms)
  expect(total.peakBytes).toBeGreaterThanOrEqual(400)
  expect(ops.every((row, i) => row.ms >= 0 && (i === 0 || row.ms <= ops[i - 1].ms))).toBe(true)
  expect(isOff()).toBe(true)
})

test('a table', () => {
  const lines = String(profile(() => tidy(() => void ones([100, 100]).exp()), { shapes: true })).split('\n')
  expect(lines[0]).toMatch(/^op +calls +ms +share +µs a call +made$/)
  expect(lines[1]).toMatch(/^exp \[100, 100\] +1 +\d+\.\d{3} +\d+\.\d % +\d+\.\d\d +39\.1 KiB$/)
  expect(lines[2]).toMatch(/^between the ops +\d/)
  expect(lines[3]).toMatch(/^total +1 +\d+\.\d{3} +39\.1 KiB$/)
  expect(lines[4]).toMatch(/^at most .* of tensors at once$/)
  expect(String(profile(() => 1))).toContain('total')
})

test('profiles nest, wait for promises, and end with an error', async () => {
  const x = ones([4])
  const outer = profile(() => profile(() => x.add(1)).ops.length + x.mul(2).size)
  expect([outer.result, outer.total.calls]).toEqual([5, 2])
  const later = profile(async () => {
    x.add(1)
    await Promise.resolve()
    return x.mul(2).size
  })
  expect([(await later).result, (await later).total.calls]).toEqual([4, 2])
  expect(() => profile(() => x.reshape([3]))).toThrow('reshape')
  await expect(profile(async () => x.reshape([3]))).rejects.toThrow('reshape')
  expect(isOff()).toBe(true)
  expect(() => profile(() => 1, { shape: true } as never)).toThrow("there is no option 'shape'")
})

test('compiled functions run in it: seen while they are recorded', () => {
  const f = compile((x: Tensor) => x.add(1).exp())
  const x = randn([3])
  const first = profile(() => f(x).data())
  expect(first.total.calls).toBeGreaterThanOrEqual(2)
  const replay = profile(() => f(x).data())
  expect([replay.total.calls, replay.result]).toEqual([0, first.result])
})
