import { chromium } from 'playwright'
import { serve } from '../../scripts/check/pages.ts'

const backend = process.argv[2] ?? 'wasm'
const isolated = process.argv[3] !== 'plain'
const server = await serve(import.meta.dirname + '/dist', isolated)
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
})
for (const scheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, colorScheme: scheme })
  page.on('console', (m) => console.log('console', m.text()))
  page.on('pageerror', (e) => console.log('error', e.message))
  await page.goto(`http://127.0.0.1:${(server.address() as any).port}/index.html`)
  if (backend === 'js') {
    await page.waitForTimeout(500)
    await page.screenshot({ path: `/tmp/shot-${scheme}-0.png` })
    await page.getByText('JavaScript', { exact: true }).first().click()
    await page.click('#train')
    await page.waitForTimeout(100)
    console.log(await page.textContent('#train'))
  }
  await page
    .waitForFunction(() => document.body.dataset.state === 'done', null, { timeout: 60000 })
    .catch(() => console.log('not done'))
  console.log(await page.textContent('#message'))
  const box = (await page.locator('#pad').boundingBox())!
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const
  const arc = (cx: number, cy: number, rx: number, ry: number, a: number, b: number) =>
    Array.from({ length: 25 }, (_, i) => {
      const t = ((a + ((b - a) * i) / 24) * Math.PI) / 180
      return [cx + rx * Math.cos(t), cy + ry * Math.sin(t)]
    })
  const pts = [...arc(0.5, 0.32, 0.2, 0.18, 200, 450), ...arc(0.5, 0.68, 0.22, 0.2, -90, 160)]
  await page.mouse.move(...at(pts[0][0], pts[0][1]))
  await page.mouse.down()
  for (const [x, y] of pts) await page.mouse.move(...at(x, y))
  await page.mouse.up()
  await page.waitForTimeout(300)
  await page.screenshot({ path: `/tmp/shot-${scheme}.png`, fullPage: true })
  await page.setViewportSize({ width: 420, height: 900 })
  await page.waitForTimeout(200)
  await page.screenshot({ path: `/tmp/shot-${scheme}-small.png`, fullPage: true })
}
await browser.close()
server.close()
