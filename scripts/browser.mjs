// Finds a Chromium for the tests, or fetches one; says what was tried when there is none.
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { cachedFolder } from './cache.mjs'
import { environment, npm, quietly } from './process.mjs'

const sparticuz = '@sparticuz/chromium@153.0.0'

const installed = {
  linux: [
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].map(
      (name) => `/usr/bin/${name}`,
    ),
    '/opt/google/chrome/chrome',
  ],
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((base) =>
      ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map((path) => join(base, path)),
    ),
}

/** Tells whether the file is a browser that starts (a stub without its snap, or a missing library, is not). */
function starts(path) {
  if (!path || !existsSync(path)) return false
  if (process.platform === 'win32') return true
  try {
    return /\d+\.\d+/.test(quietly(path, ['--version'], { timeout: 20_000 }))
  } catch {
    return false
  }
}

function playwrightsOwn() {
  const cache = {
    linux: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ms-playwright'),
    darwin: join(homedir(), 'Library/Caches/ms-playwright'),
    win32: join(process.env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
  }[process.platform]
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH || cache
  if (!folder || !existsSync(folder)) return undefined
  const binaries = [
    ...['chrome-linux64/chrome', 'chrome-linux/chrome', 'chrome-win64/chrome.exe', 'chrome-win/chrome.exe'],
    ...['chrome-headless-shell-linux64/chrome-headless-shell', 'chrome-linux/headless_shell'],
    ...['x64', 'arm64'].map(
      (arch) => `chrome-mac-${arch}/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing`,
    ),
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  ]
  return readdirSync(folder)
    .filter((name) => name.startsWith('chromium'))
    .sort()
    .reverse()
    .flatMap((name) => binaries.map((binary) => join(folder, name, binary)))
    .find(starts)
}

/** A headless Chromium from npm for Linux x64 that needs neither root nor system libraries. */
async function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only for Linux x64')
  const folder = await cachedFolder(sparticuz, (target) => {
    console.error(`> fetching a browser: ${sparticuz}`)
    npm(['install', '--prefix', target, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', sparticuz], {
      cwd: target,
    })
    const packed = join(target, 'node_modules/@sparticuz/chromium/bin')
    const unpack = (name, to) => writeFileSync(join(target, to), brotliDecompressSync(readFileSync(join(packed, name))))
    unpack('chromium.br', 'chromium')
    unpack('al2023.tar.br', 'libraries.tar')
    quietly('tar', ['-xf', 'libraries.tar'], { cwd: target })
    for (const name of ['libraries.tar', 'node_modules']) rmSync(join(target, name), { recursive: true })
    const script =
      '#!/bin/sh\nhere=$(dirname "$0")\nexport LD_LIBRARY_PATH="$here/lib:$LD_LIBRARY_PATH"\nexec "$here/chromium" "$@"\n'
    writeFileSync(join(target, 'chromium.sh'), script)
    for (const name of ['chromium', 'chromium.sh']) chmodSync(join(target, name), 0o755)
  })
  return join(folder, 'chromium.sh')
}

async function fromPlaywright() {
  console.error('> playwright install chromium')
  const cli = join(createRequire(import.meta.url).resolve('playwright/package.json'), '../cli.js')
  quietly(process.execPath, [cli, 'install', 'chromium'], { env: environment(), timeout: 300_000 })
  return playwrightsOwn()
}

async function fromDebian() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error('needs root on Debian')
  console.error('> apt-get install chromium')
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' })
  quietly('apt-get', ['update'], { env, timeout: 300_000 })
  quietly('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env, timeout: 600_000 })
  return '/usr/bin/chromium'
}

const ways = {
  CHROME_PATH: () => process.env.CHROME_PATH,
  'an installed browser': () => (installed[process.platform] ?? []).find(starts),
  "playwright's cache": playwrightsOwn,
  [sparticuz]: fromNpm,
  'playwright install chromium': fromPlaywright,
  'apt-get install chromium': fromDebian,
}

/** Returns the path of a Chromium that starts. @throws Error that says what was tried */
export async function findBrowser() {
  const tried = []
  for (const [way, find] of Object.entries(ways)) {
    try {
      const path = await find()
      if (starts(path)) return path
      tried.push(`${way} (${path ? `${path} does not start` : 'none'})`)
    } catch (error) {
      tried.push(`${way} (${error.message.trim().split('\n')[0].slice(0, 160)})`)
    }
  }
  throw new Error(`No Chromium for the tests in a browser. Tried ${tried.join('; ')}. Set CHROME_PATH to one.`)
}
