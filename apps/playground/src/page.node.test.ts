// The page as it is built for any static server, in a real Chromium, with and without cross-origin isolation.
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scenarios } from '@x/scenarios'
import { type Browser, chromium, type Page } from 'playwright'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomFolder } from '../../../packages/transformer/src/cases/folder.ts'
import { findBrowser } from '../../../scripts/browser.mjs'
import { serve } from '../../../scripts/check/pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'x-playground-'))
const configFile = join(import.meta.dirname, '../vite.config.ts')
/** What a page may take on a busy machine, in milliseconds; it needs a tenth of that. */
const PATIENCE = 120_000
let browser: Browser

beforeAll(async () => {
  await build({ configFile, logLevel: 'error', build: { outDir: folder } })
  browser = await chromium.launch({
    executablePath: await findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

async function newPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } })
  page.setDefaultTimeout(PATIENCE)
  return page
}

/** Opens the page, lets it train, calls `use`, and demands that nothing failed meanwhile. */
async function onPage(address: string, use: (page: Page) => Promise<void>): Promise<void> {
  const page = await newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  try {
    await page.goto(address)
    await state(page, 'done')
    await use(page)
    expect(errors).toEqual([])
  } finally {
    await page.close()
  }
}

/** The same with the built page, from a static server. */
async function onBuiltPage(isIsolated: boolean, use: (page: Page) => Promise<void>): Promise<void> {
  const server = await serve(folder, isIsolated)
  try {
    await onPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`, use)
  } finally {
    server.close()
  }
}

const state = (page: Page, wanted: string) =>
  page.waitForFunction((value) => document.body.dataset.state === value, wanted)

type Point = readonly [number, number]
const ring: Point[] = Array.from({ length: 30 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 29 - 1.5
  return [0.5 + 0.2 * Math.cos(angle), 0.5 + 0.32 * Math.sin(angle)]
})
const one: Point[] = [
  [0.42, 0.3],
  [0.55, 0.15],
  [0.55, 0.85],
]

/** Draws a line with the mouse and returns the digit that the page reads, and the ten probabilities in percent. */
async function draw(page: Page, points: readonly Point[]): Promise<{ verdict: string | null; percents: number[] }> {
  await page.click('#clear')
  await page.waitForFunction(() => document.getElementById('verdict')?.textContent === '–')
  const box = await page.locator('#pad').boundingBox()
  if (!box) throw new Error('the pad is not shown')
  for (const [n, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 })
    if (n === 0) await page.mouse.down()
  }
  await page.mouse.up()
  // The answers come frame by frame: the last one is there when nothing has changed for a few frames.
  const read = () => page.locator('#probabilities .value').allTextContents()
  let [before, texts] = [['first'], await read()]
  while (texts.join() !== before.join() || texts.includes('–')) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
    ;[before, texts] = [texts, await read()]
  }
  return { verdict: await page.textContent('#verdict'), percents: texts.map(Number.parseFloat) }
}

async function readsDigits(page: Page): Promise<void> {
  for (const [digit, points] of [ring, one].entries()) {
    const { verdict, percents } = await draw(page, points)
    expect(verdict).toBe(String(digit))
    expect(percents[digit]).toBeGreaterThan(50)
    expect(percents.reduce((a, b) => a + b)).toBeCloseTo(100, -0.5)
    const [, ms] = (await page.textContent('#latency'))?.match(/([\d.]+) ms/) ?? []
    expect(Number(ms)).toBeLessThan(5)
  }
}

const accuracy = async (page: Page): Promise<number> => Number.parseFloat((await page.textContent('#accuracy')) ?? '')

test(
  'isolated: trains, reads drawings, computes with two threads, in JavaScript, and stops',
  async () => {
    await onBuiltPage(true, async (page) => {
      expect(await accuracy(page)).toBeGreaterThanOrEqual(97)
      expect(await page.locator('#confusion .right').count()).toBe(10)
      expect(await page.textContent('#speed .ratio')).toMatch(/^\d+\.\d × faster than pure JavaScript$/)
      expect(await page.getAttribute('#download', 'download')).toBe('digits-cnn.safetensors')
      expect(await page.isHidden('#threads-note')).toBe(true)
      await readsDigits(page)

      if (await page.isEnabled('#thread-count')) await page.selectOption('#thread-count', '2')
      await page.getByText('fully connected', { exact: true }).click()
      await page.click('#train')
      await state(page, 'done')
      const cores = await page.evaluate(() => navigator.hardwareConcurrency)
      expect(await page.textContent('#threads')).toBe(
        cores > 1 ? `wasm · 2 threads of ${cores} cores` : 'wasm · 1 thread of 1 cores',
      )
      expect(await accuracy(page)).toBeGreaterThan(95)
      await readsDigits(page)

      await page.getByText('convolutional', { exact: true }).click()
      await page.locator('#options').getByText('JavaScript', { exact: true }).click()
      await page.click('#train')
      await page.waitForFunction(() => document.getElementById('threads')?.textContent?.startsWith('js'))
      await page.click('#train')
      await state(page, 'stopped')
      expect(await page.textContent('#train')).toBe('Train again')
    })
  },
  PATIENCE,
)

test(
  'not isolated: the same with one thread, and the page says why',
  async () => {
    await onBuiltPage(false, async (page) => {
      expect(await accuracy(page)).toBeGreaterThanOrEqual(97)
      expect(await page.textContent('#threads')).toMatch(/^wasm · 1 thread of \d+ cores$/)
      expect(await page.isDisabled('#thread-count')).toBe(true)
      expect(await page.textContent('#threads-note')).toMatch(/COOP and COEP/)
      await readsDigits(page)
    })
  },
  PATIENCE,
)

test(
  'the development server serves the page isolated, from the sources',
  async () => {
    const server = await createServer({ configFile, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } })
    try {
      await server.listen()
      await onPage(server.resolvedUrls?.local[0] ?? '', async (page) => {
        expect(await accuracy(page)).toBeGreaterThanOrEqual(97)
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
      })
    } finally {
      await server.close()
    }
  },
  PATIENCE,
)

test(
  'the gallery lists every scenario, runs one, and says what is wrong with an option',
  async () => {
    const server = await serve(folder, true)
    const page = await newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gallery.html#xor`)
      await state(page, 'ready')
      expect(await page.locator('#scenarios a').count()).toBe(scenarios.length)
      await page.fill('[name=steps]', '1500')
      await page.click('#run')
      await state(page, 'done')
      expect(await page.locator('.claim.holds').count()).toBe(1)
      expect(await page.locator('#shown .uplot').count()).toBe(1)
      expect(await page.locator('.graph .node').count()).toBeGreaterThan(5)
      const inked = await page.locator('.images canvas').evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement
        const context = (canvas as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D
        return context.getImageData(0, 0, width, height).data.some((v) => v > 0)
      })
      expect(inked).toBe(true)
      await page.click('#to-backpropagation')
      await page.click('#run')
      await state(page, 'done')
      expect(await page.locator('.claim.holds').count()).toBe(2)
      await page.click('#to-xor')
      await page.fill('[name=hidden]', '1')
      await page.click('#run')
      await state(page, 'failed')
      expect(await page.textContent('#message')).toContain("hidden '1' is not a whole number from 2 to 64")
      expect(errors).toEqual([])
    } finally {
      await page.close()
      server.close()
    }
  },
  PATIENCE,
)

test(
  'a model from chosen files writes, stops, and says what is wrong; the page never waits for it',
  async () => {
    const server = await serve(folder, false)
    const page = await newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/generate.html`)
      const files = Object.entries(randomFolder({ eosTokenId: null }))
      const chosen = files.map(([name, bytes]) => ({ name, mimeType: '', buffer: Buffer.from(bytes) }))
      const text = async (): Promise<string> => (await page.textContent('#text')) ?? ''
      await page.setInputFiles('#files', chosen)
      // A small model is quicker than a hand: what stops it is in the page.
      await page.evaluate(() => {
        const text = document.getElementById('text') as HTMLElement
        const stop = new MutationObserver(() => {
          if (text.childNodes.length < 4) return
          stop.disconnect()
          document.getElementById('stop')?.click()
        })
        stop.observe(text, { childList: true })
      })
      await page.click('[type=submit]')
      await page.waitForFunction(() => document.getElementById('status')?.textContent?.startsWith('AbortError'))
      const stopped = await text()
      expect(stopped).toMatch(/^Once upon a time./)
      await page.click('[type=submit]')
      const isLonger = (n: number) => (document.getElementById('text')?.textContent ?? '').length > n
      await page.waitForFunction(isLonger, stopped.length)
      await page.setInputFiles('#files', chosen[0])
      await page.click('[type=submit]')
      await page.waitForFunction(() => document.getElementById('status')?.textContent?.startsWith('FormatError'))
      expect(errors).toEqual([])
    } finally {
      await page.close()
      server.close()
    }
  },
  PATIENCE,
)
