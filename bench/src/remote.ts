// A column's process, seen from the one that measures. Whoever waits, sleeps: only one column computes at a time.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Numbers } from './engine.ts'
import type { Turn } from './timing.ts'
import type { Workload } from './workload.ts'

export type Request = { ask: 'start'; workload: string } | { ask: 'turn'; ms: number } | { ask: 'stop' }
export interface Answer {
  readonly results?: Numbers[] | null
  readonly turn?: Turn
  readonly error?: string
}

/** Nobody may take longer over one request; compiling a training step takes jax-js 7 s. */
const LIMIT_MS = 60_000

export class Remote {
  private readonly key: string
  private child: ChildProcess | null = null
  private lastWords = ''

  constructor(key: string) {
    this.key = key
  }

  /** Makes the workload ready and returns its results, or null if it compared them itself. @throws Error with the column's message */
  async start({ section, id }: Workload): Promise<Numbers[] | null> {
    return (await this.ask({ ask: 'start', workload: `${section} ${id}` })).results ?? null
  }

  async turn(ms: number): Promise<Turn> {
    return (await this.ask({ ask: 'turn', ms })).turn as Turn
  }

  async stop(): Promise<void> {
    if (this.child) await this.ask({ ask: 'stop' })
  }

  end(): void {
    this.child?.kill('SIGKILL')
    this.child = null
  }

  private ask(request: Request): Promise<Answer> {
    const child = (this.child ??= this.open())
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer)
        child.off('message', hear)
        child.off('exit', gone)
        finish()
      }
      const hear = (answer: Answer): void =>
        settle(() => {
          if (answer.error === undefined) return resolve(answer)
          // What a failure leaves behind (memory above all) must not fail the next workload.
          this.end()
          reject(new Error(answer.error))
        })
      const gone = (): void => {
        this.child = null
        settle(() =>
          reject(
            new Error(
              `its process died: ${this.lastWords.trim().match(/^.*(?:error|fatal).*$/im)?.[0] ?? 'no message'}`,
            ),
          ),
        )
      }
      const timer = setTimeout(() => {
        this.end()
        settle(() => reject(new Error(`no answer within ${LIMIT_MS / 1000} s`)))
      }, LIMIT_MS)
      child.on('message', hear)
      child.on('exit', gone)
      child.send(request)
    })
  }

  private open(): ChildProcess {
    const child = fork(join(import.meta.dirname, 'child.ts'), [this.key], {
      // Typed arrays pass as they are.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.on('data', (text) => {
      this.lastWords = (this.lastWords + text).slice(-2000)
    })
    return child
  }
}
