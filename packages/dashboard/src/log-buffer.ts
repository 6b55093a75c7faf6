/** The last lines of a log, from chunks that are cut anywhere. */

/** Sequences with which programs colour their output. */
// oxlint-disable-next-line no-control-regex -- they begin with a control character
const escapes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

export class LogBuffer {
  readonly #most: number;
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #open = "";
  #forgotten = 0;

  /** @param most lines that are kept; older ones go */
  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Uint8Array): void {
    const [first, ...rest] = this.#decoder.decode(bytes, { stream: true }).split("\n");
    this.#open += first;
    for (const next of rest) {
      this.#lines.push(cleaned(this.#open));
      this.#open = next;
    }
    const excess = this.#lines.length - this.#most;
    if (excess <= 0) return;
    this.#lines = this.#lines.slice(excess);
    this.#forgotten += excess;
  }

  /** Whole lines, and the beginning of the next one if there is one. */
  lines(): readonly string[] {
    return this.#open === "" ? [...this.#lines] : [...this.#lines, cleaned(this.#open)];
  }

  /** How many lines have gone for new ones. */
  get forgotten(): number {
    return this.#forgotten;
  }
}

function cleaned(line: string): string {
  return line.replace(escapes, "").replace(/\r$/, "").replace(/^.*\r/, "");
}

export interface Piece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** The lines that hold the text, whatever its case, cut where it begins and ends; all of them for none. */
export function searched(lines: readonly string[], text: string): readonly (readonly Piece[])[] {
  if (text === "") return lines.map((line) => [{ text: line, isMatch: false }]);
  const wanted = text.toLowerCase();
  return lines.filter((line) => line.toLowerCase().includes(wanted)).map((line) => piecesOf(line, wanted));
}

function piecesOf(line: string, wanted: string): Piece[] {
  const lower = line.toLowerCase();
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: line.slice(from, at), isMatch: false });
    pieces.push({ text: line.slice(at, at + wanted.length), isMatch: true });
    from = at + wanted.length;
  }
  if (from < line.length) pieces.push({ text: line.slice(from), isMatch: false });
  return pieces;
}
