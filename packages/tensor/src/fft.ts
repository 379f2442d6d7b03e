// @x/tensor/fft: Fourier transforms, an entry of its own with its kernels, and what complex numbers as pairs need.
export { angle, complex, complexAbs, complexMul, conj, imag, real } from './ops/fft/complex.ts'
export {
  type Fft,
  type FftNorm,
  type Fftn,
  type FftnOptions,
  type FftOptions,
  fft,
  fft2,
  fftn,
  hfft,
  ifft,
  ifft2,
  ifftn,
  ihfft,
  irfft,
  irfft2,
  irfftn,
  rfft,
  rfft2,
  rfftn,
} from './ops/fft/names.ts'
export { type FrequencyOptions, fftfreq, fftshift, ifftshift, rfftfreq, type ShiftOptions } from './ops/fft/shift.ts'
