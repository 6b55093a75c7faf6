/** Short messages that go by themselves. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "error";
}

const shownMs = { plain: 4000, error: 12_000 };
const atOnce = 4;

export class Toasts {
  readonly #listeners = new Set<() => void>();
  #shown: readonly Toast[] = [];
  #lastId = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly shown = (): readonly Toast[] => this.#shown;

  /** The same text is not shown twice at once. */
  show(text: string, tone: Toast["tone"] = "plain"): void {
    const toast = { id: ++this.#lastId, text, tone };
    this.#set([...this.#shown.filter((other) => other.text !== text), toast].slice(-atOnce));
    setTimeout(() => this.dismiss(toast.id), shownMs[tone]);
  }

  dismiss(id: number): void {
    this.#set(this.#shown.filter((toast) => toast.id !== id));
  }

  #set(shown: readonly Toast[]): void {
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }
}
