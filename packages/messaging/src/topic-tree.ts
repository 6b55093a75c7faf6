interface Node<Value> {
  readonly words: Map<string, Node<Value>>;
  readonly values: Set<Value>;
}

/**
 * Values under topic patterns: words joined by dots, where `*` is exactly one word and `#` any number.
 * https://www.rabbitmq.com/tutorials/amqp-concepts#exchange-topic
 */
export class TopicTree<Value> {
  readonly #root: Node<Value> = { words: new Map(), values: new Set() };

  add(pattern: string, value: Value): void {
    let node = this.#root;
    for (const word of pattern.split(".")) {
      let next = node.words.get(word);
      if (!next) node.words.set(word, (next = { words: new Map(), values: new Set() }));
      node = next;
    }
    node.values.add(value);
  }

  delete(pattern: string, value: Value): void {
    const path: [Node<Value>, string][] = [];
    let node: Node<Value> | undefined = this.#root;
    for (const word of pattern.split(".")) {
      path.push([node, word]);
      node = node.words.get(word);
      if (!node) return;
    }
    node.values.delete(value);
    for (const [parent, word] of path.reverse()) {
      const child = parent.words.get(word)!;
      if (child.words.size > 0 || child.values.size > 0) return;
      parent.words.delete(word);
    }
  }

  /** The values whose pattern matches the key, each once. */
  match(key: string): Set<Value> {
    const found = new Set<Value>();
    collect(this.#root, key.split("."), 0, found, new Map());
    return found;
  }
}

/**
 * `seen` holds the places each node was entered at: `#.#.#` would otherwise take exponential time.
 */
function collect<Value>(
  node: Node<Value>,
  words: readonly string[],
  at: number,
  found: Set<Value>,
  seen: Map<Node<Value>, Set<number>>,
): void {
  let places = seen.get(node);
  if (!places) seen.set(node, (places = new Set()));
  if (places.has(at)) return;
  places.add(at);
  if (at === words.length) for (const value of node.values) found.add(value);
  const any = node.words.get("#");
  if (any) for (let rest = at; rest <= words.length; rest++) collect(any, words, rest, found, seen);
  if (at === words.length) return;
  for (const word of ["*", words[at]]) {
    const next = node.words.get(word);
    if (next && word !== "#") collect(next, words, at + 1, found, seen);
  }
}
