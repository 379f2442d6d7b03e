// Shapes, views, joining, and tensors made from nothing.
import { arange, concat, eye, full, linspace, slice, stack } from '@x/tensor'
import { along } from '../views.ts'
import type { Table } from './table.ts'

/** torch.nn.functional.pad counts axes from the last. */
function widthsOf(pad: readonly number[], rank: number): [number, number][] {
  const widths = Array.from({ length: rank }, (): [number, number] => [0, 0])
  for (let i = 0; i < pad.length; i += 2) widths[rank - 1 - i / 2] = [pad[i], pad[i + 1]]
  return widths
}

export const shape: Table = {
  'torch.cat': (inputs, { dim }) => concat(Object.values(inputs), dim),
  'torch.stack': (inputs, { dim }) => stack(Object.values(inputs), dim),
  'torch.hstack': (inputs) => concat(Object.values(inputs), 1),
  'torch.vstack': (inputs) => concat(Object.values(inputs), 0),
  'torch.nn.functional.pad': ({ input }, { pad, mode, value }) => {
    if (mode !== 'constant') throw new Error(`the library does not pad by mode ${mode}`)
    return input.pad(widthsOf(pad, input.ndim), value)
  },
  'torch.permute': ({ input }, { dims }) => input.permute(dims),
  'torch.reshape': ({ input }, { shape = [-1] }) => input.reshape(shape),
  'Tensor.contiguous': ({ input }) => input.contiguous(),
  'torch.flatten': ({ input }, { dim, start_dim, end_dim }) => input.flatten(...(dim ?? [start_dim, end_dim])),
  'torch.squeeze': ({ input }, { dim }) => input.squeeze(dim),
  'torch.unsqueeze': ({ input }, { dim }) => input.unsqueeze(dim),
  'torch.swapaxes': ({ input }, { axis0, axis1 }) => input.transpose(axis0, axis1),
  'torch.narrow': ({ input }, { dim, start, length }) => along(input, dim, slice(start, start + length)),
  'torch.select': ({ input }, { dim, index }) => along(input, dim, index),
  'torch.unbind': ({ input }, { dim }) => Array.from({ length: input.shape[dim] }, (_, i) => along(input, dim, i)),
  'torch.broadcast_to': ({ input }, { shape }) => input.expand(shape),
  'Tensor.expand': ({ input }, { sizes }) => input.expand(sizes),
  'x@x.mT': ({ input }) => input.matmul(input.mT),
  'x+2*x': ({ input }) => input.add(input.mul(2)),
  'torch.arange': (_, { start, end, step }, { dtype, outputs }) =>
    arange(start, end, { step, dtype: outputs[0]?.dtype === 'i64' ? 'int32' : dtype }),
  'torch.linspace': (_, { start, end, steps }, { dtype }) => linspace(start, end, steps, { dtype }),
  'torch.eye': (_, { n }, { dtype }) => eye(n, { dtype }),
  'torch.full': (_, { size, fill_value }, { dtype }) => full(size, fill_value, { dtype }),
}
