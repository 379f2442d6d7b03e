// Proofs in processes of their own: 20 GB of sums in a loop that never yields, and what the collector gives back.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

function run(program: string): string {
  const args = ['--conditions=@x/source', '--expose-gc', '--input-type=module', '-e', program]
  return execFileSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

test('5,000 synchronous additions of 4 MB without any dispose stay under 1.5 GB resident', () => {
  const megabytes = run(`
    import { ones } from '@x/tensor'
    const a = ones([1024, 1024])
    let x = a
    let peak = 0
    for (let i = 0; i < 5000; i++) {
      x = x.add(a)
      if (i % 50 === 0) peak = Math.max(peak, process.memoryUsage().rss)
    }
    if (x.at(0, 0).item() !== 5001) throw new Error('wrong sum')
    console.log(Math.round(peak / 1e6))
  `)
  expect(Number(megabytes)).toBeLessThan(1500)
}, 120_000)

test('results of a compiled function that nobody tidies move out like all others', () => {
  const moves = run(`
    import { compile, memoryStats, zeros } from '@x/tensor'
    const f = compile((x) => x.add(1))
    const x = zeros([64])
    for (let i = 0; i < 40_000; i++) f(x)
    console.log(memoryStats().moves)
  `)
  expect(Number(moves)).toBeGreaterThan(20_000)
})

test('results without elements that nobody tidies move out like all others', () => {
  const moves = run(`
    import { memoryStats, zeros } from '@x/tensor'
    for (let i = 0; i < 70_000; i++) zeros([0])
    console.log(memoryStats().moves)
  `)
  expect(Number(moves)).toBeGreaterThan(20_000)
})

test('the garbage collector frees what asynchronous code drops', () => {
  const left = run(`
    import { memoryStats, ones } from '@x/tensor'
    const before = memoryStats().storages
    for (let i = 0; i < 200; i++) {
      ones([1000]).add(1)
      await null
    }
    for (let i = 0; i < 50 && memoryStats().storages > before; i++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    console.log(memoryStats().storages - before)
  `)
  expect(Number(left)).toBeLessThan(5)
})

test('a process with threads ends when its program does', () => {
  const out = run(`
    import { ones } from '@x/tensor'
    import { setNumThreads } from '@x/tensor/threads'
    await setNumThreads(2)
    console.log(ones([600, 600]).matmul(ones([600, 600])).at(0, 0).item())
  `)
  expect(out).toBe('600')
})
