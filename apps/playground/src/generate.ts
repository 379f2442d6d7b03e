// All that the page does: a model is loaded in a worker, and what it writes is shown as it comes.
import { loadInWorker, type WorkerModel } from '@x/transformer/worker'
import { byId } from './page.ts'

const [files, address] = [byId('files', HTMLInputElement), byId('address', HTMLInputElement)]
const [prompt, write] = [byId('prompt', HTMLTextAreaElement), byId('write', HTMLButtonElement)]
const say = (status: string): void => byId('status').replaceChildren(status)
let model: WorkerModel | undefined
let writing = new AbortController()

files.onchange = address.onchange = () => {
  model?.dispose()
  model = undefined
}
byId('stop').onclick = () => writing.abort()
byId('ask', HTMLFormElement).onsubmit = async (event) => {
  event.preventDefault()
  write.disabled = true
  writing = new AbortController()
  const { signal } = writing
  try {
    const onProgress = ({ loaded }: { loaded: number }): void => say(`${loaded} bytes read`)
    model ??= await loadInWorker(files.files?.length ? [...files.files] : address.value, { onProgress, signal })
    say('It writes …')
    byId('text').replaceChildren(prompt.value)
    for await (const piece of model.stream(prompt.value, { maxNewTokens: 200, temperature: 0.8, signal }))
      byId('text').append(piece)
    say('Done.')
  } catch (error) {
    say(String(error))
  } finally {
    write.disabled = false
  }
}
