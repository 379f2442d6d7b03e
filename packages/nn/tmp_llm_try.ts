import { tensor, tidy, memoryStats } from '@x/tensor'
import { loadCausalLM } from '../transformer/src/load/loadModel.ts'
import { readFileSync } from 'node:fs'
const G = JSON.parse(readFileSync('/work/shared/golden/llama-stories260K.json','utf8')).cases
const f64 = (t:any)=>{const b=Buffer.from(t.data,'base64');return new Float64Array(b.buffer.slice(b.byteOffset,b.byteOffset+b.length))}
for (const [file,dtype] of [['stories260K.bin','float32'],['stories260K.bin','float64'],['stories260K_v1.bin','float32'],['hf-stories260K','float32']] as const) {
  const before=memoryStats().storages
  const m = await loadCausalLM('/work/shared/models/llama2/'+file,{dtype})
  const c = G[0]
  const T = c.logits_for_tokens.length
  const y = m.inspect(tensor([c.logits_for_tokens],{dtype:'int32'}),{hiddenStates:true})
  const want=f64(c.logits); const got=y.logits.data()
  let worst=0; for(let i=0;i<want.length;i++) worst=Math.max(worst,Math.abs(want[i]-got[i]))
  console.log(file,dtype,'worst',worst)
  const lo=f64(c.layer_outputs_last_token)
  y.hiddenStates.forEach((h,l)=>{const d=h.at(0,-1).data(); let w=0; for(let i=0;i<64;i++) w=Math.max(w,Math.abs(d[i]-lo[l*64+i])); console.log('layer',l,w)})
  m.dispose()
}
