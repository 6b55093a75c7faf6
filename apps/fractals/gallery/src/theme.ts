/** Dark or light: what the system prefers, until the reader says otherwise; remembered in this browser. */
export type Theme = "dark" | "light";

const key = "fractals-theme";

/** Applies what was chosen earlier. Call it before the first paint. */
export function restoreTheme(): void {
  const chosen = read();
  if (chosen) document.documentElement.dataset["theme"] = chosen;
}

export function currentTheme(): Theme {
  return read() ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function read(): Theme | undefined {
  const shown = document.documentElement.dataset["theme"];
  if (shown === "dark" || shown === "light") return shown;
  try {
    const stored = localStorage.getItem(key);
    return stored === "dark" || stored === "light" ? stored : undefined;
  } catch {
    return undefined;
  }
}
