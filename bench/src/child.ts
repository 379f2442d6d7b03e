// The process of one column: answers the requests that remote.ts sends. node child.ts COLUMN
import { columns } from './columns.ts'
import type { Engine, Job } from './engine.ts'
import { Random } from './hostArray.ts'
import type { Answer, Request } from './remote.ts'
import { takeTurn } from './timing.ts'
import { rowsOf, type Workload } from './workload.ts'
import { definitions } from './workloads/index.ts'

const column = columns.find(({ key }) => key === process.argv[2])
const rows = new Map(definitions.flatMap(rowsOf).map((row) => [`${row.section} ${row.id}`, row]))
let engine: Engine | null = null
let job: Job | null = null

async function answer(request: Request): Promise<Answer> {
  if (request.ask === 'start') {
    engine ??= await (column as NonNullable<typeof column>).open()
    const workload = rows.get(request.workload) as Workload
    job = await engine.start(workload, workload.data(new Random(1), workload.size))
    return { results: await job.results() }
  }
  if (!job) throw new Error('nothing is started')
  if (request.ask === 'turn') return { turn: await (job.turn?.(request.ms) ?? takeTurn(job, request.ms)) }
  await job.close()
  job = null
  return {}
}

process.on('message', (request: Request) => {
  answer(request)
    .catch((error: Error): Answer => ({ error: firstLine(error) }))
    .then((message) => process.send?.(message))
})
process.on('disconnect', () => process.exit())

/** Errors of peers run over pages. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const line = text.split('\n').find((l) => l.trim() !== '') ?? 'an error without a message'
  return line.length > 160 ? `${line.slice(0, 160)}…` : line
}
