/**
 * Where to go on after a faulty item. The item ends with the first line end on which all brackets
 * that it opened are closed again. If they never are, the line after the fault is as good as any.
 */
export function resume(text: string, itemStart: number, faultAt: number): number {
  const balanced = balancedEnd(text, itemStart);
  if (balanced !== undefined && balanced > faultAt) return balanced;
  const feed = text.indexOf("\n", Math.max(itemStart, faultAt));
  return feed < 0 ? text.length : feed + 1;
}

/** How far to look for the end of an item; longer ones are given up. */
const windowLength = 200_000;

function balancedEnd(text: string, start: number): number | undefined {
  let depth = 0;
  const end = Math.min(text.length, start + windowLength);
  for (let index = start; index < end; index++) {
    switch (text.charCodeAt(index)) {
      case 0x0a:
        if (depth <= 0) return index + 1;
        break;
      case 0x7b:
      case 0x5b:
      case 0x28:
        depth++;
        break;
      case 0x7d:
      case 0x5d:
      case 0x29:
        // The brace of the block around the item is left for that block.
        if (--depth < 0) return index > start ? index : undefined;
        break;
      case 0x22:
        index = stringEnd(text, index);
        break;
      case 0x23:
        index = lineEnd(text, index) - 1;
        break;
      default:
    }
  }
  return undefined;
}

/** The closing quote of a string, or the end of its line; interpolations are skipped by their quotes. */
function stringEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x5c) index++;
    else if (unit === 0x22) return index;
    else if (unit === 0x0a) return index - 1;
  }
  return text.length;
}

function lineEnd(text: string, start: number): number {
  const feed = text.indexOf("\n", start);
  return feed < 0 ? text.length : feed;
}
