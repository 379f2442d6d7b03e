// Cases of Fourier transforms: every radix, the convolution for other primes, halves of spectra, several axes.
import { tensor, zeros } from '../create.ts'
import { ShapeError } from '../errors.ts'
import * as complexes from '../ops/fft/complex.ts'
import * as fourier from '../ops/fft/names.ts'
import { fftfreq, fftshift, ifftshift } from '../ops/fft/shift.ts'
import { casesOf, type OpCases, withValues } from './case.ts'

/** One rounding to float32, of results that may be small beside others. */
const LOOSE = { ulp: 64, atol: 2e-6 }
const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 25, 30, 31, 49, 60]

export const fftCases: readonly OpCases[] = [
  {
    op: 'fft',
    cases: withValues(
      [
        ...casesOf(
          'fft',
          LENGTHS.flatMap((n) => [
            [[[2, n, 2]], (x) => fourier.fft(x)],
            [[[2, n, 2]], (x) => fourier.ifft(x, { norm: 'forward' })],
          ]),
          LOOSE,
        ),
        ...casesOf(
          'rfft',
          LENGTHS.flatMap((n) => [
            [[[2, n]], (x) => fourier.rfft(x)],
            [[[2, n]], (x) => fourier.ihfft(x)],
            [[[2, n, 2]], (x) => fourier.irfft(x, { n: 2 * n - 1 })],
            [[[2, n + 1, 2]], (x) => fourier.irfft(x)],
            [[[2, n + 1, 2]], (x) => fourier.hfft(x, { norm: 'ortho' })],
          ]),
          LOOSE,
        ),
        ...casesOf(
          'fft, cut or filled up',
          [3, 8, 11].flatMap((n) => [
            [[[2, 5, 2]], (x) => fourier.fft(x, { n, axis: 1 })],
            [[[5, 2, 2]], (x) => fourier.ifft(x, { n, axis: 0 })],
            [[[5, 2]], (x) => fourier.rfft(x, { n, axis: 0 })],
            [[[5, 2, 2]], (x) => fourier.irfft(x, { n, axis: 0, norm: 'ortho' })],
          ]),
          LOOSE,
        ),
        ...casesOf(
          'fftn',
          [
            [[[3, 4, 2]], (x) => fourier.fft2(x)],
            [[[3, 4, 2]], (x) => fourier.ifft2(x, { norm: 'ortho', s: [2, 5] })],
            [[[3, 4]], (x) => fourier.rfft2(x)],
            [[[3, 3, 2]], (x) => fourier.irfft2(x, { s: [3, 5] })],
            [[[2, 3, 4, 2]], (x) => fourier.fftn(x)],
            [[[2, 3, 4, 2]], (x) => fourier.ifftn(x, { axes: [2, 0] })],
            [[[2, 3, 4]], (x) => fourier.rfftn(x, { axes: [0, 1] })],
            [[[2, 3, 4, 2]], (x) => fourier.irfftn(x)],
            [[[0, 3, 2]], (x) => fourier.fft(x)],
            [[[4, 6, 2]], (x) => fourier.fft(x, { axis: 0 }), true],
          ],
          LOOSE,
        ),
        ...casesOf(
          'complex',
          [
            [[[3], [3]], (a, b) => complexes.complex(a, b)],
            [[[2, 3]], (a) => complexes.complex(a)],
            [
              [
                [3, 2],
                [3, 2],
              ],
              (a, b) => complexes.complexMul(a, complexes.conj(b)),
            ],
            [[[3, 2]], (z) => complexes.complexAbs(z).add(complexes.angle(z))],
            [[[3, 2]], (z) => complexes.real(z).mul(complexes.imag(z))],
          ],
          { ulp: 8, atol: 1e-6 },
        ),
        ...casesOf('fftshift', [
          [[[5]], (x) => fftshift(x)],
          [[[3, 4, 2]], (x) => ifftshift(x)],
          [[[3, 4, 2]], (x) => fftshift(x, { axes: 2, complex: false })],
        ]),
      ],
      [[[[1, 2]]]],
      [[[1, 2]]],
    ),
    errors: [
      { run: () => fourier.fft(zeros([4])), kind: ShapeError, text: 'fft: x [4] has no last axis of 2' },
      { run: () => fourier.fft(zeros([4, 2]), { n: 0 }), kind: RangeError, text: 'fft: 0 is not a length ≥ 1' },
      { run: () => fourier.rfft(zeros([0])), kind: RangeError, text: 'rfft: 0 is not a length ≥ 1' },
      { run: () => fourier.irfft(zeros([1, 2])), kind: RangeError, text: 'irfft: 0 is not a length ≥ 1' },
      {
        run: () => fourier.fft(zeros([4, 2]), { norm: 'none' as never }),
        kind: RangeError,
        text: "fft: there is no norm 'none'",
      },
      {
        run: () => fourier.fft(zeros([4, 2]), { dim: 0 } as never),
        kind: RangeError,
        text: "fft: there is no option 'dim'",
      },
      {
        run: () => fourier.fft(zeros([4, 2]), { axis: 1 }),
        kind: ShapeError,
        text: 'fft: axis 1 is out of range for rank 1',
      },
      {
        run: () => fourier.fftn(zeros([4, 3, 2]), { axes: [0, 0] }),
        kind: ShapeError,
        text: 'fftn: axis given twice',
      },
      { run: () => fourier.fft2(zeros([4, 3, 2]), { s: [4] }), kind: ShapeError, text: 'fft2: s [4] has not' },
      { run: () => fftfreq(0), kind: RangeError, text: 'fftfreq: 0 is not a number of samples' },
      { run: () => complexes.conj(tensor(1)), kind: ShapeError, text: 'conj: z [] has no last axis of 2' },
    ],
    large: [{ shape: [64, 1000, 2] }],
  },
]
