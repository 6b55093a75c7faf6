// From pixels to PNG scanlines with the Up filter: each row is a 2, then the difference to the row above.
// Source: https://www.w3.org/TR/png-3/#9Filters

/** Sixteen counts as sixteen palette indices of the document's 32 colours. */
// @ts-ignore: decorator
@inline
function indices(counts: usize): v128 {
  const mask = i32x4.splat(31);
  const low = i16x8.narrow_i32x4_s(v128.and(v128.load(counts), mask), v128.and(v128.load(counts, 16), mask));
  const high = i16x8.narrow_i32x4_s(v128.and(v128.load(counts, 32), mask), v128.and(v128.load(counts, 48), mask));
  return i8x16.narrow_i16x8_u(low, high);
}

/** Counts (u32) to scanlines of `count & 31`, `1 + width` bytes each. */
export function classicScanlines(counts: usize, out: usize, width: i32, height: i32): void {
  const line = <usize>width << 2;
  for (let y = 0; y < height; y++) {
    const above: usize = y == 0 ? 0 : line;
    store<u8>(out++, y == 0 ? 0 : 2);
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      const at = counts + (<usize>x << 2);
      const own = indices(at);
      v128.store(out + x, above ? i8x16.sub(own, indices(at - above)) : own);
    }
    for (; x < width; x++) {
      const at = counts + (<usize>x << 2);
      const before = above ? load<u32>(at - above) & 31 : 0;
      store<u8>(out + x, (load<u32>(at) & 31) - before);
    }
    counts += line;
    out += width;
  }
}
