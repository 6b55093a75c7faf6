/**
 * Who has the highest key, kept up to date: a change costs the logarithm of the number of players,
 * the question nothing. Ties go to the lower number. A player with -Infinity does not take part.
 */
export class Tournament {
  readonly #keys: Float64Array;
  /** A binary tree: the winner of node `i` is the better one of `2i` and `2i + 1`; leaves come last. */
  readonly #winners: Int32Array;
  readonly #leaves: number;

  constructor(players: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(players, 1)));
    this.#keys = new Float64Array(this.#leaves).fill(-Infinity);
    this.#winners = new Int32Array(2 * this.#leaves);
    for (let player = 0; player < this.#leaves; player++) this.#winners[this.#leaves + player] = player;
    for (let node = this.#leaves - 1; node > 0; node--) this.#winners[node] = this.#winners[2 * node];
  }

  /** The player with the highest key, or -1 if nobody takes part. */
  get best(): number {
    const winner = this.#winners[1];
    return this.#keys[winner] === -Infinity ? -1 : winner;
  }

  keyOf(player: number): number {
    return this.#keys[player];
  }

  set(player: number, key: number): void {
    this.#keys[player] = key;
    for (let node = (this.#leaves + player) >>> 1; node > 0; node >>>= 1) this.#play(node);
  }

  /** Many keys at once, which costs less than one by one. */
  fill(keys: Float64Array): void {
    this.#keys.set(keys);
    for (let node = this.#leaves - 1; node > 0; node--) this.#play(node);
  }

  #play(node: number): void {
    const left = this.#winners[2 * node];
    const right = this.#winners[2 * node + 1];
    this.#winners[node] = this.#keys[right] > this.#keys[left] ? right : left;
  }
}
