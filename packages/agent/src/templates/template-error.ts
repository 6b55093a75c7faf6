/** What is wrong with a template, and where: `local/app.conf:3:7: …`. The only thing the engine throws. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TemplateError";
  }
}

/** Where something stands: an offset in the text of a named template. */
export interface Position {
  readonly source: TemplateText;
  readonly offset: number;
}

export interface TemplateText {
  readonly name: string;
  readonly text: string;
}

/** Lines and columns count from 1, columns in UTF-16 units. */
export function errorAt({ source, offset }: Position, message: string): TemplateError {
  const before = source.text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - before.lastIndexOf("\n");
  return new TemplateError(`${source.name}:${line}:${column}: ${message}`);
}
