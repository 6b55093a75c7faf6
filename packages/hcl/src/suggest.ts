/**
 * The candidate that a misspelt name most likely stands for: the nearest by optimal string
 * alignment distance (insert, delete, replace, swap neighbours), if it is near enough; the first of
 * several. Names of more than 64 characters have none, and only the first 300 candidates are looked at.
 */
export function suggest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.min(3, Math.ceil(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  let looked = 0;
  for (const candidate of candidates) {
    if (++looked > 300) break;
    if (Math.abs(candidate.length - name.length) >= bestDistance || name.length > 64) continue;
    const distance = alignmentDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && candidate !== name) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Beyond it two names are not alike, so there is no need to compare what stands further apart. */
const band = 4;

function alignmentDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = Array.from({ length: b.length + 1 }, () => Infinity);
    if (i <= band) current[0] = i;
    for (let j = Math.max(1, i - band); j <= Math.min(b.length, i + band); j++) {
      const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(last[j] + 1, current[j - 1] + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, beforeLast[j - 2] + 1);
      current[j] = least;
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}
