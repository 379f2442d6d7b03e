import { expect, test } from 'vitest'
import { FormatError } from '../errors.ts'
import { arange, ones, type Tensor, tensor } from '../index.ts'
import { unpickle } from './pickle.ts'
import { joined } from './source.ts'
import { loadTorch, saveTorch, type TorchValue } from './torch.ts'
import { archive } from './zip.ts'

/** torch.save of {a: a transposed view, b: a slice of the same storage, n: {step, h: float16, list}, p: a parameter}; PyTorch 1.13. */
const RECORDED =
  'UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAQABIAYXJjaGl2ZS9kYXRhLnBrbEZCDgBaWlpaWlpaWlpaWlpaWoACY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAShYAQAAAGFxAmN0b3JjaC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChYBwAAAHN0b3JhZ2VxBGN0b3JjaApGbG9hdFN0b3JhZ2UKcQVYAQAAADBxBlgDAAAAY3B1cQdLBnRxCFFLAEsDSwKGcQlLAUsDhnEKiWgAKVJxC3RxDFJxDVgBAAAAYnEOaAMoKGgEaAVoBmgHSwZ0cQ9RSwJLA4VxEEsBhXERiWgAKVJxEnRxE1JxFFgBAAAAbnEVfXEWKFgEAAAAc3RlcHEXSwdYAQAAAGhxGGgDKChoBGN0b3JjaApIYWxmU3RvcmFnZQpxGVgBAAAAMXEaaAdLAnRxG1FLAEsChXEcSwGFcR2JaAApUnEedHEfUnEgWAQAAABsaXN0cSFdcSIoRz/4AAAAAAAAWAEAAAB4cSNOiGV1WAEAAABwcSRjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3BhcmFtZXRlcgpxJWgDKChoBGN0b3JjaApMb25nU3RvcmFnZQpxJlgBAAAAMnEnaAdLAXRxKFFLACkpiWgAKVJxKXRxKlJxK4loAClScSyHcS1ScS51LlBLBwjv/zQQ2gEAANoBAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA4AKgBhcmNoaXZlL2RhdGEvMEZCJgBaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWgAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQFBLBwgXkOeRGAAAABgAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA4ALABhcmNoaXZlL2RhdGEvMUZCKABaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaADgAwFBLBwiEqViQBAAAAAQAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA4AQABhcmNoaXZlL2RhdGEvMkZCPABaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWloDAAAAAAAAAFBLBwiK2K3rCAAAAAgAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA8AOwBhcmNoaXZlL3ZlcnNpb25GQjcAWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWjMKUEsHCNGeZ1UCAAAAAgAAAFBLAQIAAAAACAgAAAAAAADv/zQQ2gEAANoBAAAQAAAAAAAAAAAAAAAAAAAAAABhcmNoaXZlL2RhdGEucGtsUEsBAgAAAAAICAAAAAAAABeQ55EYAAAAGAAAAA4AAAAAAAAAAAAAAAAAKgIAAGFyY2hpdmUvZGF0YS8wUEsBAgAAAAAICAAAAAAAAISpWJAEAAAABAAAAA4AAAAAAAAAAAAAAAAAqAIAAGFyY2hpdmUvZGF0YS8xUEsBAgAAAAAICAAAAAAAAIrYresIAAAACAAAAA4AAAAAAAAAAAAAAAAAFAMAAGFyY2hpdmUvZGF0YS8yUEsBAgAAAAAICAAAAAAAANGeZ1UCAAAAAgAAAA8AAAAAAAAAAAAAAAAAmAMAAGFyY2hpdmUvdmVyc2lvblBLBgYsAAAAAAAAAB4DLQAAAAAAAAAAAAUAAAAAAAAABQAAAAAAAAAvAQAAAAAAABIEAAAAAAAAUEsGBwAAAABBBQAAAAAAAAEAAABQSwUGAAAAAAUABQAvAQAAEgQAAAAA'

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))

test('loadTorch reads what torch.save wrote: views, nested values, parameters', async () => {
  const { a, b, n, p } = await loadTorch<Record<string, TorchValue>>(bytesOf(RECORDED))
  const plain = (x: TorchValue): unknown => [
    (x as never as ReturnType<typeof ones>).dtype,
    (x as never as ReturnType<typeof ones>).toArray(),
  ]
  expect(plain(a)).toEqual([
    'float32',
    [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
  ])
  expect(plain(b)).toEqual(['float32', [2, 3, 4]])
  expect(plain((n as Record<string, TorchValue>).h)).toEqual(['float16', [0.5, -2]])
  expect(n).toMatchObject({ step: 7, list: [1.5, 'x', null, true] })
  expect(plain(p)).toEqual(['int64', 3])
})

test('what saveTorch writes comes back', async () => {
  const saved = {
    w: arange(6).reshape([2, 3]).mT,
    'layers.0.bias': tensor([1, -2], { dtype: 'int64' }),
    none: ones([0, 4]),
  }
  const back = await loadTorch(await saveTorch(saved))
  for (const [name, x] of Object.entries(saved)) {
    expect([back[name].dtype, back[name].shape, back[name].toArray()]).toEqual([x.dtype, x.shape, x.toArray()])
  }
})

test('a whole checkpoint is written: values in objects and lists beside tensors', async () => {
  const checkpoint = {
    epoch: 3,
    loss: 0.25,
    best: true,
    note: 'größer',
    last: null,
    model: { w: ones([2]) },
    steps: [1, [arange(2)], -(2 ** 40)],
  }
  const back = await loadTorch<Record<string, TorchValue>>(await saveTorch(checkpoint))
  const { model, steps, ...plain } = back
  expect(plain).toEqual({ epoch: 3, loss: 0.25, best: true, note: 'größer', last: null })
  expect((model as { w: Tensor }).w.toArray()).toEqual([1, 1])
  const [first, [second], third] = steps as [number, [Tensor], number]
  expect([first, second.toArray(), third]).toEqual([1, [0, 1], -(2 ** 40)])
  await expect(saveTorch({ model: { f: () => 1 } } as never)).rejects.toThrow('saveTorch: model.f is neither a tensor')
  await expect(saveTorch({ made: new Date() } as never)).rejects.toThrow('saveTorch: made is neither a tensor')
  for (const wrong of [null, 3, [1], ones([2])])
    await expect(saveTorch(wrong as never)).rejects.toThrow(/saveTorch: values is .*, not a dictionary/)
  expect(Object.is((await loadTorch<{ z: number }>(await saveTorch({ z: -0 }))).z, -0)).toBe(true)
  const round: Record<string, TorchValue> = {}
  Object.assign(round, { round })
  await expect(saveTorch(round)).rejects.toThrow('more than a hundred deep')
})

test('malformed files are refused by offset and reason', async () => {
  await expect(loadTorch(new Uint8Array(40))).rejects.toThrow(FormatError)
  await expect(loadTorch(Uint8Array.of(0x80, 2, 0x2e))).rejects.toThrow('before PyTorch 1.6')
  const file = bytesOf(RECORDED)
  await expect(loadTorch(file.slice(0, 900))).rejects.toThrow('zip')
  const nested = Uint8Array.of(0x80, 2, ...Array(20_000).fill(0x5d), ...Array(19_999).fill(0x61), 0x2e)
  const deep: Uint8Array<ArrayBuffer>[] = []
  for await (const part of archive([['archive/data.pkl', nested]], false)) deep.push(part)
  await expect(loadTorch(joined(deep))).rejects.toThrow('more than a hundred deep')
  await expect(loadTorch(file, { progress: 1 } as never)).rejects.toThrow("no option 'progress'")
})

test('a pickle that names anything else is refused, and never executed', () => {
  const text = (s: string): number[] => [...new TextEncoder().encode(s)]
  const pickle = Uint8Array.from([0x80, 2, ...text('cos\nsystem\n'), 0x58, 2, 0, 0, 0, ...text('ls'), 0x85, 0x52, 0x2e])
  const run = (): unknown => unpickle(pickle, { find: () => undefined, load: () => null })
  expect(run).toThrow('at byte 13: the file names os.system')
  expect(() => unpickle(Uint8Array.of(0x80, 2, 0x61), { find: () => undefined, load: () => null })).toThrow(
    'stack is empty',
  )
  expect(() => unpickle(Uint8Array.of(0x7d), { find: () => undefined, load: () => null })).toThrow('1 bytes do not fit')
})
