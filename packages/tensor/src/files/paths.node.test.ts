// Files on disk: read whole and in pieces, written whole and in shards.
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import {
  loadNpy,
  loadNpz,
  loadSafetensors,
  openNpz,
  openSafetensors,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from '../files.ts'
import { arange, FormatError, ones } from '../index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tensor-files-'))
const at = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

test('npy and npz', async () => {
  expect(await saveNpy(arange(6).reshape([3, 2]), { to: at('x.npy') })).toBeUndefined()
  expect((await loadNpy(at('x.npy'))).toArray()).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ])
  expect((await loadNpy(pathToFileURL(at('x.npy')), { rows: [2, 3] })).toArray()).toEqual([[4, 5]])
  expect((await loadNpy(readFileSync(at('x.npy')))).shape).toEqual([3, 2])
  await saveNpz({ x: arange(3), y: ones([2]) }, { to: pathToFileURL(at('x.npz')), compressed: true })
  expect((await loadNpz(at('x.npz'))).x.toArray()).toEqual([0, 1, 2])
  const file = await openNpz(at('x.npz'))
  expect((await file.getTensor('y')).toArray()).toEqual([1, 1])
  await file.close()
})

test('safetensors in one file', async () => {
  await saveSafetensors({ a: arange(100), b: ones([2, 2]) }, { to: at('one.safetensors'), maxShardBytes: 1e6 })
  const file = await openSafetensors(at('one.safetensors'))
  expect((await file.getSlice('a', 98, 100)).toArray()).toEqual([98, 99])
  truncateSync(at('one.safetensors'), 200)
  await expect(file.getTensor('a')).rejects.toThrow(/safetensors: at byte 200: the file ends in 'a'/)
  await file.close()
  await expect(loadSafetensors(at('one.safetensors'))).rejects.toThrow(FormatError)
  await expect(loadSafetensors(at('none.safetensors'))).rejects.toThrow('ENOENT')
})

test('safetensors in shards, named as Hugging Face names them', async () => {
  const tensors = { a: arange(10), b: ones([20]), c: ones([3], { dtype: 'bfloat16' }) }
  for (const [to, name] of [
    [at('model.safetensors'), 'model'],
    [pathToFileURL(at('ünï.safetensors')), 'ünï'],
  ] as const) {
    await saveSafetensors(tensors, { to, maxShardBytes: 80, metadata: { format: 'pt' } })
    const made = readdirSync(folder).filter((file) => file.startsWith(name))
    expect(made.sort()).toEqual([
      ...[1, 2, 3].map((i) => `${name}-0000${i}-of-00003.safetensors`),
      `${name}.safetensors.index.json`,
    ])
    const index = to instanceof URL ? new URL(`${to}.index.json`) : `${to}.index.json`
    expect(JSON.parse(readFileSync(index, 'utf8'))).toEqual({
      metadata: { format: 'pt', total_size: 126 },
      weight_map: { a: made[0], b: made[1], c: made[2] },
    })
    const { tensors: read } = await loadSafetensors(index)
    for (const [key, x] of Object.entries(tensors))
      expect([read[key].dtype, read[key].toArray()]).toEqual([x.dtype, x.toArray()])
    const file = await openSafetensors(index)
    expect((await file.getTensor('c')).toArray()).toEqual([1, 1, 1])
    await file.close()
  }
})
