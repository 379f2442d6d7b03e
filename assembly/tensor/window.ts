// Windows that slide along an axis: output o of `outputs` sees input first, first + dilation, … below last.
//
// A stride of 0 means windows of about equal size that cover the axis: [⌊o·length / outputs⌋, ⌈(o + 1)·length / outputs⌉).

export class Window {
  /** The first input that is inside. */
  @inline static first(o: i32, length: i32, outputs: i32, stride: i32, pad: i32, dilation: i32): i32 {
    if (stride == 0) return <i32>((<i64>o * length) / outputs)
    const start = o * stride - pad
    return start >= 0 ? start : start + ((dilation - 1 - start) / dilation) * dilation
  }

  /** Behind the last input that is inside. */
  @inline static last(o: i32, length: i32, outputs: i32, size: i32, stride: i32, pad: i32, dilation: i32): i32 {
    if (stride == 0) return <i32>((<i64>(o + 1) * length + outputs - 1) / outputs)
    return min(o * stride - pad + (size - 1) * dilation + 1, length)
  }

  /** Elements of a window with those in the padding, but not beyond it. */
  @inline static extent(o: i32, length: i32, outputs: i32, size: i32, stride: i32, pad: i32): i32 {
    if (stride == 0) return this.last(o, length, outputs, size, 0, 0, 1) - this.first(o, length, outputs, 0, 0, 1)
    const start = o * stride - pad
    return min(start + size, length + pad) - start
  }
}
