// Serves the page while it is worked on: npm run playground [-- --port N --host]
import { parseArgs } from 'node:util'
import { createServer } from 'vite'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '5173' }, host: { type: 'boolean', default: false } },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port is a whole number up to 65535, not "${values.port}"`)
  const server = await createServer({
    configFile: `${import.meta.dirname}/vite.config.ts`,
    server: { port, host: values.host },
    clearScreen: false,
  })
  await server.listen()
  server.printUrls()
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
