export function nothing(begin: i32, end: i32): void {}
