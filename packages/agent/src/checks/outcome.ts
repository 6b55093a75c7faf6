/** The most of a check's output that is kept, in bytes. */
export const outputLimitBytes = 3000;

/** What one run of a check came to. A warning is a failure that says the service lives. */
export interface Outcome {
  readonly verdict: "pass" | "warning" | "fail";
  readonly output: string;
  readonly statusCode?: number;
}

export function failed(output: string): Outcome {
  return { verdict: "fail", output: bounded(output) };
}

/** The beginning of the text, in at most `outputLimitBytes` bytes of UTF-8; a cut character is left out. */
export function bounded(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= outputLimitBytes) return text;
  return new TextDecoder().decode(bytes.subarray(0, outputLimitBytes), { stream: true });
}
