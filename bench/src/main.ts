// npm run bench: measures, prints tables, and writes the figures as JSON.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Column, columns, isPeer } from './columns.ts'
import { machine } from './machine.ts'
import { gainOf, measure, type Row } from './measure.ts'
import { HELP, type Options, readOptions } from './options.ts'
import { openPeakMeter, openReadMeter } from './peak.ts'
import { installPeers, versionOf } from './peers.ts'
import { Remote } from './remote.ts'
import { failuresOf, headOf, lineOf, shippingTable } from './report.ts'
import { type Shipping, shipping } from './shipping.ts'
import { median } from './timing.ts'
import { rowsOf, SECTIONS, type Section, type Workload } from './workload.ts'
import { definitions } from './workloads/index.ts'

/** What --only calls the last table. */
const SHIPPING = 'shipping'

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options.help) return console.log(HELP)
  const chosen = columns.filter((column) =>
    options.columns ? options.columns.includes(column.key) : options.peers || !isPeer(column),
  )
  const workloads = definitions
    .flatMap(rowsOf)
    .filter((w) => !options.only || options.only.test(w.id) || options.only.test(w.section))
    .filter((w) => !w.slow || options.slow || options.only?.test(w.id))
  if (workloads.length === 0 && !options.only?.test(SHIPPING))
    throw new Error(`--only ${options.only?.source} matches no row.`)
  if (chosen.some(isPeer)) installPeers()
  const here = machine()
  console.log(`${here.cpu}, ${here.cores} cores, ${here.platform}, ${here.runtime}, commit ${here.commit}`)
  const versions = chosen.flatMap(({ packages }) => packages.map((name) => `${name} ${versionOf(name)}`))
  if (versions.length > 0) console.log([...new Set(versions)].join(', '))
  console.log(
    `medians of ${options.rounds} rounds of ${options.ms} ms; compiled: a replay, of small tensors the share of one operation in a recording of 64`,
  )

  const remotes = new Map(chosen.map((column) => [column, new Remote(column.key)] as const))
  const rows: Row[] = []
  const [peak, read] = await Promise.all([openPeakMeter(), openReadMeter()])
  try {
    for (const section of Object.keys(SECTIONS) as Section[]) {
      const inSection = workloads.filter((w) => w.section === section)
      rows.push(...(await table(section, inSection, remotes, { ...options, peak, read })))
    }
  } finally {
    for (const remote of remotes.values()) remote.end()
  }
  const shipped = await shippedBy(chosen, options)
  const failures = failuresOf(rows, chosen)
  if (failures.length > 0) console.log(`\n${failures.join('\n')}`)
  // A peer may fail; we may not.
  if (
    failuresOf(
      rows,
      chosen.filter((column) => !isPeer(column)),
    ).length > 0
  )
    process.exitCode = 1
  const spreads = rows.flatMap((row) =>
    Object.values(row.cells).flatMap(({ spread }) => (spread === undefined ? [] : [spread])),
  )
  const noise = spreads.length > 0 ? median(spreads) : 0
  console.log(`\nnoise: rounds lie ${(noise * 100).toFixed(1)} % from their median (median over all cells)`)
  save(
    options.json ? resolve(options.json) : join(import.meta.dirname, '../results/latest.json'),
    { ...here, versions, noise, rows, shipped },
    options,
  )
}

async function table(
  section: Section,
  workloads: readonly Workload[],
  remotes: ReadonlyMap<Column, Remote>,
  setting: Options & Parameters<typeof measure>[2],
): Promise<Row[]> {
  const filled = [...remotes.keys()].filter((column) => workloads.some((w) => column.can(w)))
  const layout = {
    section,
    columns: filled,
    markdown: setting.markdown,
    width: Math.max(...workloads.map(({ id }) => id.length)),
  }
  const rows: Row[] = []
  if (workloads.length > 0) console.log(headOf(layout))
  for (const workload of workloads) {
    const measured = await measure(workload, remotes, setting)
    const row = { ...measured, gain: gainOf(workload, measured, rows) }
    rows.push(row)
    console.log(lineOf(row, layout))
  }
  return rows
}

async function shippedBy(chosen: readonly Column[], { only, rounds, markdown }: Options): Promise<Shipping[]> {
  if (only && !only.test(SHIPPING)) return []
  const shipped = await shipping(chosen, rounds)
  console.log(shippingTable(shipped, markdown))
  return shipped
}

function save(path: string, figures: object, { rounds, ms }: Options): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ date: new Date().toISOString(), rounds, ms, ...figures }, null, 1)}\n`)
  console.log(`figures: ${path}`)
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
