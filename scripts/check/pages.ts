// Opens pages of a folder in Chromium, served with or without cross-origin isolation, and waits for their verdict.
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { chromium } from 'playwright'
import { findBrowser } from '../browser.mjs'

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/** Serves the files of a folder, nothing above it. */
export function serve(folder: string, isIsolated: boolean): Promise<Server> {
  const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    try {
      const body = await readFile(join(folder, path))
      response
        .writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/plain', ...(isIsolated && isolation) })
        .end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

/**
 * Opens each page, with and without isolation, until its title begins with "passed" or "failed", and returns the titles.
 * @throws Error for a page that failed, or gave no verdict within a minute
 */
export async function openPages(folder: string, pages: string[]): Promise<string[]> {
  const browser = await chromium.launch({
    executablePath: await findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  const titles: string[] = []
  try {
    for (const isIsolated of [true, false]) {
      const server = await serve(folder, isIsolated)
      for (const path of pages) {
        const page = await browser.newPage()
        const messages: string[] = []
        page.on('console', (message) => messages.push(message.text()))
        page.on('pageerror', (error) => messages.push(error.message))
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`)
        await page
          .waitForFunction(() => /^(passed|failed)/.test(document.title), null, { timeout: 60_000 })
          .catch(() => {})
        const title = await page.title()
        await page.close()
        const where = `${path} ${isIsolated ? 'with' : 'without'} isolation`
        if (!title.startsWith('passed')) throw new Error(`${where}: ${title || 'no verdict'} ${messages.join('; ')}`)
        titles.push(`${where} ${title}`)
      }
      server.close()
    }
  } finally {
    await browser.close()
  }
  return titles
}
