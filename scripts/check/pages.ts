// Opens pages of a folder in Chromium, served with or without cross-origin isolation, and waits for their verdict.
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { findBrowser } from '../browser.mjs'

const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
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
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  const browser = await chromium.launch({ executablePath: await findBrowser(), args })
  const servers = await Promise.all([serve(folder, true), serve(folder, false)])
  try {
    const titles: string[] = []
    for (const [i, server] of servers.entries()) {
      for (const path of pages) {
        const title = await verdict(browser, `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`)
        const where = `${path} ${i === 0 ? 'with' : 'without'} isolation`
        if (!title.startsWith('passed')) throw new Error(`${where}: ${title}`)
        titles.push(`${where} ${title}`)
      }
    }
    return titles
  } finally {
    await browser.close()
    for (const server of servers) server.close()
  }
}

/** What a page's title says at last, or what it logged instead. */
async function verdict(browser: Browser, address: string): Promise<string> {
  const page = await browser.newPage()
  const messages: string[] = []
  page.on('console', (message) => messages.push(message.text()))
  page.on('pageerror', (error) => messages.push(error.message))
  await page.goto(address)
  const decided = () => /^(passed|failed)/.test(document.title)
  await page.waitForFunction(decided, null, { timeout: 60_000 }).catch(() => {})
  const title = await page.title()
  await page.close()
  return title || `no verdict ${messages.join('; ')}`
}
