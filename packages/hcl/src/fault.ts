/** Why an operation on values is impossible: becomes a diagnostic at the expression that asked for it. */
export class EvaluationFault extends Error {
  readonly summary: string;
  readonly suggestion: string | undefined;

  constructor(summary: string, detail: string, suggestion?: string) {
    super(detail);
    this.summary = summary;
    this.suggestion = suggestion;
  }
}
