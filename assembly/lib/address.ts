// Addresses of elements. The only place where an index becomes bytes.

export class Address {
  /** The address of element `index` of an array of T that starts at `pointer`. */
  @inline static of<T>(pointer: usize, index: i32): usize {
    return pointer + Address.bytes<T>(index)
  }

  /** How many bytes `count` elements of T take; negative counts wrap, as addresses do. */
  @inline static bytes<T>(count: i32): usize {
    return (<usize>count) << alignof<T>()
  }
}
