// Shapes, views, joining, and tensors made from nothing.
import * as x from '@x/tensor'
import type { Table } from './table.ts'

/** torch.nn.functional.pad counts axes from the last. */
function widthsOf(pad: readonly number[], rank: number): [number, number][] {
  const pairs = Math.max(rank, Math.ceil(pad.length / 2))
  return Array.from({ length: pairs }, (_, i): [number, number] =>
    2 * i < pad.length ? [pad[2 * i], pad[2 * i + 1]] : [0, 0],
  ).reverse()
}

/** torch.squeeze leaves axes alone that are longer than 1; the library, as NumPy, refuses them. */
const squeezed = (input: x.Tensor, dim?: number): x.Tensor =>
  dim !== undefined && (input.shape.at(dim) ?? 1) > 1 ? input : input.squeeze(dim)

export const shape: Table = {
  'torch.cat': (inputs, { dim }) => x.concat(Object.values(inputs), dim),
  'torch.stack': (inputs, { dim }) => x.stack(Object.values(inputs), dim),
  'torch.hstack': (inputs) => x.hstack(Object.values(inputs)),
  'torch.vstack': (inputs) => x.vstack(Object.values(inputs)),
  'torch.dstack': (inputs) => x.dstack(Object.values(inputs)),
  'torch.column_stack': (inputs) => x.columnStack(Object.values(inputs)),
  'torch.split': ({ input }, { split_size_or_sections: size, dim }) => x.split(input, size, dim),
  'torch.chunk': ({ input }, { chunks, dim }) => x.chunk(input, chunks, dim),
  'torch.tensor_split': ({ input }, { indices_or_sections: where, dim }) => x.tensorSplit(input, where, dim),
  'torch.nn.functional.pad': ({ input }, { pad, mode, value }) =>
    x.pad(input, widthsOf(pad, input.ndim), { mode, value: value ?? undefined }),
  'torch.flip': ({ input }, { dims }) => x.flip(input, dims),
  'torch.fliplr': ({ input }) => x.fliplr(input),
  'torch.flipud': ({ input }) => x.flipud(input),
  'torch.roll': ({ input }, { shifts, dims }) => x.roll(input, shifts, dims),
  'torch.tile': ({ input }, { dims }) => x.tile(input, dims),
  'Tensor.repeat': ({ input }, { sizes }) => x.repeat(input, sizes),
  'torch.repeat_interleave': ({ input, repeats }, { repeats: counts, dim }) =>
    x.repeatInterleave(input, repeats ?? counts, dim),
  'torch.sort': ({ input }, { dim }) => x.sort(input, dim),
  'torch.permute': ({ input }, { dims }) => input.permute(dims),
  'torch.movedim': ({ input }, { source, destination }) => x.movedim(input, source, destination),
  'torch.rot90': ({ input }, { k, dims }) => x.rot90(input, k, dims),
  'torch.tril': ({ input }, { diagonal }) => x.tril(input, diagonal),
  'torch.triu': ({ input }, { diagonal }) => x.triu(input, diagonal),
  'torch.diagonal': ({ input }, { offset, dim1, dim2 }) => x.diagonal(input, { offset, axis1: dim1, axis2: dim2 }),
  'torch.diag_embed': ({ input }, { offset, dim1, dim2 }) => x.diagEmbed(input, { offset, axis1: dim1, axis2: dim2 }),
  'torch.diag': ({ input }, { diagonal }) => x.diag(input, diagonal),
  'torch.diagflat': ({ input }, { offset }) => x.diagflat(input, offset),
  'Tensor.unfold': ({ input }, { dimension, size, step }) => x.unfold(input, dimension, size, step),
  'torch.meshgrid': (inputs, { indexing = 'ij' }) => x.meshgrid(Object.values(inputs), { indexing }),
  'torch.reshape': ({ input }, { shape = [-1] }) => input.reshape(shape),
  'Tensor.contiguous': ({ input }) => input.contiguous(),
  'torch.flatten': ({ input }, { dim, start_dim, end_dim }) => input.flatten(...(dim ?? [start_dim, end_dim])),
  'torch.unflatten': ({ input }, { dim, sizes }) => x.unflatten(input, dim, sizes),
  'torch.squeeze': ({ input }, { dim }) => squeezed(input, dim),
  'torch.unsqueeze': ({ input }, { dim }) => input.unsqueeze(dim),
  'torch.swapaxes': ({ input }, { axis0, axis1 }) => x.swapaxes(input, axis0, axis1),
  'torch.narrow': ({ input }, { dim, start, length }) => x.narrow(input, dim, start, length),
  'torch.select': ({ input }, { dim, index }) => x.select(input, dim, index),
  'torch.unbind': ({ input }, { dim }) => x.unbind(input, dim),
  'torch.broadcast_to': ({ input }, { shape }) => x.broadcastTo(input, shape),
  'Tensor.expand': ({ input }, { sizes }) => input.expand(sizes),
  'x@x.mT': ({ input }) => input.matmul(input.mT),
  'x+2*x': ({ input }) => input.add(input.mul(2)),
  'torch.arange': (_, { start = 0, end, step }, { dtype, outputs }) =>
    x.arange(start, end, { step, dtype: outputs[0]?.dtype === 'i64' ? 'int64' : dtype }),
  'torch.linspace': (_, { start, end, steps }, { dtype }) => x.linspace(start, end, steps, { dtype }),
  'torch.logspace': (_, { start, end, steps, base }, { dtype }) => x.logspace(start, end, steps, { base, dtype }),
  'torch.eye': (_, { n, m }, { dtype }) => x.eye(n, m, { dtype }),
  'torch.full': (_, { size, fill_value }, { dtype }) => x.full(size, fill_value, { dtype }),
  'torch.tril_indices': (_, { row, col, offset }) => x.trilIndices(row, col, offset),
  'torch.triu_indices': (_, { row, col, offset }) => x.triuIndices(row, col, offset),
  'torch.nn.functional.one_hot': (_, { input, num_classes: classes }) =>
    x.oneHot(x.tensor(input, { dtype: 'int32' }), classes === -1 ? undefined : classes),
}
