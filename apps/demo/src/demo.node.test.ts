import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundledDigits, Classifier, scenarios } from '@x/scenarios'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'x-demo-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the demo as a user does, with its output going to a pipe. */
const demo = (...args: string[]) => demoIn({}, ...args)

function demoIn(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number; out: string; error: string }> {
  const command = ['--conditions=@x/source', join(import.meta.dirname, 'main.ts'), ...args]
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      command,
      { env: { ...process.env, INIT_CWD: folder, ...environment } },
      (_, out, error) => {
        resolve({ code: child.exitCode ?? -1, out, error })
      },
    )
  })
}

const header = (...sizes: number[]): number[] => [
  0,
  0,
  8,
  sizes.length,
  ...sizes.flatMap((n) => [0, 0, n >> 8, n & 255]),
]

/** Writes the bundled digits as MNIST-format files. */
function writeMnist(name: string, part: string, images = bundledDigits().labels.length): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  const { pixels, labels } = bundledDigits()
  const grey = pixels.map((v) => Math.round((v * 255) / 16))
  const imageFile = Uint8Array.from([...header(images, 8, 8), ...grey.subarray(0, images * 64)])
  writeFileSync(join(path, `${part}-images-idx3-ubyte.gz`), gzipSync(imageFile))
  writeFileSync(join(path, `${part}-labels-idx1-ubyte`), Uint8Array.from([...header(labels.length), ...labels]))
  return path
}

test('trains both networks, draws their curves, saves, loads and classifies', async () => {
  const { code, out, error } = await demo('--epochs', '3', '--save', 'here.safetensors')
  expect(error).toBe('')
  expect(code).toBe(0)
  expect(out).toContain('UCI optical digits: 1,438 digits of 8 × 8 to learn from, 359 others for testing')
  expect(out.match(/epoch 3 of 3 {2}loss \d\.\d{4} {2}test \d\d\.\d\d %/g)).toHaveLength(2)
  expect(out.match(/ 0\.00 ┤/g)).toHaveLength(2)
  expect(out.match(/^ {2}9 │/gm)).toHaveLength(2)
  expect(out).toContain('the same probabilities for all 359 test digits')
  expect(out).toMatch(/\d+\.\d times faster than pure JavaScript/)
  // A pipe gets no escape sequences.
  expect(out).not.toContain('\x1b')
  const classifier = new Classifier(readFileSync(join(folder, 'here.safetensors')))
  expect(classifier.network).toBe('cnn')
  classifier.dispose()
})

test('--data takes MNIST-format files, and holds a fifth out when there is one pair', async () => {
  const one = await demo('digits', '--data', writeMnist('one', 't10k'), '--epochs', '1', '--backend', 'js')
  expect(one.error).toBe('')
  expect(one.out).toContain('only t10k-* is complete: a fifth of it is held out for testing')
  expect(one.out).toContain('1,438 digits of 8 × 8 to learn from, 359 others for testing')
  writeMnist('both', 'mnist-train')
  const both = await demo('--data', writeMnist('both', 'mnist-t10k'), '--epochs', '1')
  expect(both.error).toBe('')
  expect(both.out).toContain('1,797 digits of 8 × 8 to learn from, 1,797 others for testing')
})

test('--help lists scenarios and options', async () => {
  const { code, out } = await demo('--help')
  expect(code).toBe(0)
  for (const word of ['digits', '--epochs', '--seed', '--backend', '--threads', '--data', '--save'])
    expect(out).toContain(word)
})

const broken = writeMnist('broken', 't10k')
writeFileSync(join(broken, 't10k-images-idx3-ubyte.gz'), 'not gzip')

test.each([
  ['chess', `There is no scenario "chess"; there are: digits, ${scenarios.map(({ name }) => name).join(', ')}.`],
  ['xor --hidden many', "xor: hidden 'many' is not a whole number from 2 to 64."],
  ['xor --hidden 2.5', "xor: hidden '2.5' is not a whole number from 2 to 64."],
  ['bert --width 66', "bert: width '66' is not a multiple of 4 from 16 to 512."],
  ['xor --epochs 3', "Unknown option '--epochs'; --help lists the options."],
  ['digits twice', '"twice" is one argument too many; options go behind --: npm run demo -- digits --help.'],
  ['--speed', "Unknown option '--speed'; --help lists the options."],
  ['--epochs', "Option '--epochs <value>' argument missing; --help lists the options."],
  ['--epochs -1', '--epochs is a whole number from 1 to 100000, not "-1".'],
  ['xor --lr -0.5', "xor: lr '-0.5' is not a number from 0.0001 to 10."],
  ['--epochs 1.5', '--epochs is a whole number from 1 to 100000, not "1.5".'],
  ['--threads 65', '--threads is a whole number from 1 to 64, not "65".'],
  ['--backend gpu', '--backend is wasm or js, not "gpu".'],
  ['--data none', `The folder ${join(folder, 'none')} cannot be read (ENOENT).`],
  ['--save none/a.safetensors', `The model cannot be written to ${join(folder, 'none')} (ENOENT).`],
  [
    '--data .',
    `${folder} has neither train-images-idx3-ubyte with train-labels-idx1-ubyte nor the two t10k files, plain or .gz.`,
  ],
  ['--data broken', `${join(broken, 't10k-images-idx3-ubyte.gz')}: not a gzip file, incorrect header check.`],
  [
    `--data ${writeMnist('short', 't10k', 1200)}`,
    `${join(folder, 'short/t10k-images-idx3-ubyte.gz')} has 1200 images, t10k-labels-idx1-ubyte has 1797 labels.`,
  ],
])('%s is an error in a sentence', async (args, sentence) => {
  const { code, out, error } = await demo(...args.split(' '))
  expect(error.trim()).toBe(sentence)
  expect(out).toBe('')
  expect(code).toBe(1)
})

test('options that npm kept for itself are asked for behind --', async () => {
  // What `npm run demo digits --epochs 1` hands over.
  const { code, error } = await demoIn({ npm_config_epochs: 'true' }, 'digits', '1')
  expect(code).toBe(1)
  expect(error.trim()).toBe('npm kept --epochs for itself; options go behind --: npm run demo -- digits --epochs …')
})

test('a file of another form than the scenario reads is an error in a sentence', async () => {
  writeFileSync(join(folder, 'untabbed'), 'water\n')
  const { code, error } = await demo('transformer', '--data', 'untabbed')
  expect([code, error.trim()]).toEqual([1, 'transformer: line 1 of the pairs has no tab'])
})

test('a scenario of the gallery is shown, and what it claims checked', async () => {
  const { code, out, error } = await demo('xor', '--steps', '500', '--seed', '1')
  expect([code, error]).toEqual([0, ''])
  expect(out).toContain('flowchart LR')
  expect(out).toMatch(/^ {2}a {2}b {2}a xor b {2}network$/m)
  expect(out).toContain('✓ all four are right after 500 steps')
  expect(out.match(/mean squared error/g)).toHaveLength(1)
  expect(out).not.toContain('\x1b')
  expect((await demo('xor', '--steps', '1')).code).toBe(1)
  expect((await demo('xor', '--help')).out).toContain('--hidden N')
})
