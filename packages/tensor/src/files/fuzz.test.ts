// Mutated files of every format, 20,500 of them: each loads or is a FormatError, at once, in no more memory than it is
// large itself (a deflated one: than its packed bytes can make).
import { expect, test } from 'vitest'
import { loadNpy, loadNpz, loadSafetensors, openSafetensors, saveNpy, saveNpz, saveSafetensors } from '../files.ts'
import { arange, FormatError, Generator, memoryStats, type Tensor, tensor, zeros } from '../index.ts'
import { loadSafetensors as parse } from '../safetensors.ts'

/** Numbers that sizes, counts and offsets are checked against. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** Applies one to four changes to a file; which ones, `next` decides. */
function mutate(file: Uint8Array, next: (below: number) => number): Uint8Array<ArrayBuffer> {
  let bytes = [...file]
  for (let times = 1 + next(4); times > 0; times--) {
    const at = next(bytes.length)
    const count = 1 + next(8)
    switch (next(8)) {
      case 0:
        bytes[at] ^= 1 << next(8)
        break
      case 1:
        bytes[at] = next(256)
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3:
        bytes.splice(at, count)
        break
      case 4:
        bytes.splice(at, 0, ...bytes.slice(next(bytes.length)).slice(0, count * 4))
        break
      case 5: {
        const edge = EDGES[next(EDGES.length)]
        for (let i = 0; i < 4; i++) bytes[at + i] = (edge >>> (8 * i)) & 255
        break
      }
      case 6:
        // Digits, brackets and quotes: what headers of text are made of.
        bytes[at] = '0123456789[](){},:\'"-TFe'.charCodeAt(next(23))
        break
      default:
        bytes.splice(at, 0, ...Array.from({ length: count }, () => 0x39))
    }
    if (bytes.length === 0) bytes = [0]
  }
  return Uint8Array.from(bytes, (b) => b ?? 0)
}

const tensors = (): Record<string, Tensor> => ({
  a: arange(12).reshape([3, 4]),
  b: tensor([1, -2, 3], { dtype: 'float16' }),
  c: zeros([0, 2], { dtype: 'int64' }),
})

type Load = (file: Uint8Array<ArrayBuffer>) => Promise<readonly Tensor[]>

const bytesOf = (list: readonly Tensor[]): number => list.reduce((n, x) => n + x.storage.bytes, 0)

async function attack(
  file: Uint8Array,
  load: Load,
  { times, ratio = 1 }: { times: number; ratio?: number },
): Promise<void> {
  const words = new Generator(file.length).words(40 * times)
  for (let i = 0; i < times; i++) {
    let at = 40 * i
    const broken = mutate(file, (below) => (words[at++] >>> 0) % below)
    const before = memoryStats().bytes
    try {
      const made = await load(broken)
      expect(bytesOf(made)).toBeLessThanOrEqual(broken.length * ratio)
      for (const x of made) x.dispose()
    } catch (error) {
      if (!(error instanceof FormatError)) throw new Error(`case ${i}: ${error}`, { cause: error })
      expect(error.message).toMatch(/^.+: at byte \d+: /)
    }
    expect(memoryStats().bytes).toBeLessThanOrEqual(before)
  }
}

test('npy', async () => {
  const load: Load = async (file) => [await loadNpy(file)]
  const plain = await saveNpy(arange(20).reshape([4, 5]))
  await attack(plain, load, { times: 4000, ratio: 2 })
  await attack(
    plain.map((b, i) => (i === 6 ? 1 : b)),
    async (file) => [await loadNpy(new Response(file))],
    { times: 500, ratio: 2 },
  )
})

test('npz', async () => {
  const load: Load = async (file) => Object.values(await loadNpz(file))
  await attack(await saveNpz(tensors()), load, { times: 4000, ratio: 2 })
  await attack(await saveNpz(tensors(), { compressed: true }), load, { times: 4000, ratio: 1032 })
})

test('safetensors', async () => {
  const load: Load = async (file) => Object.values((await loadSafetensors(file)).tensors)
  const file = await saveSafetensors(tensors(), { metadata: { format: 'pt' } })
  await attack(file, load, { times: 3000 })
  await attack(file, async (broken) => Object.values(parse(broken).tensors), { times: 3000 })
  const index = JSON.stringify({ metadata: {}, weight_map: { a: 'x', b: 'x', c: 'x' } })
  const shard = (): Uint8Array => file
  const lazily: Load = async (broken) => {
    const open = await openSafetensors(broken, { shard })
    const names = open.keys()
    const made: Tensor[] = []
    for (const name of names) made.push(await open.getTensor(name))
    await open.close()
    return made
  }
  await attack(new TextEncoder().encode(index), lazily, { times: 2000, ratio: 100 })
})
