/** The reader's token: kept as long as the tab is open, and only in it. */

const key = "fractus-token";

export function readToken(): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** @param token empty for none */
export function writeToken(token: string): void {
  try {
    if (token) sessionStorage.setItem(key, token);
    else sessionStorage.removeItem(key);
  } catch {
    // Without storage the token lasts as long as the page.
  }
}
