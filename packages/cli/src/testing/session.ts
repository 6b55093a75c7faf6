/** Runs the program against answers that are given as literals. */
import { program, type ProgramOptions } from "../program.ts";

/** By `GET /v1/jobs`, without what follows the question mark; a function is asked each time. */
export type Answers = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly line: string;
  readonly search: URLSearchParams;
  readonly token: string | null;
  readonly body: unknown;
}

export interface Session {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly Asked[];
}

/** An answer that is no JSON, or no success. */
export class Answer {
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    this.status = status;
    this.text = text;
  }
}

export const documentNow = Date.parse("2020-03-09T19:33:27Z");

/** @param line the command line; blanks part its words */
export async function session(
  line: string | readonly string[],
  answers: Answers = {},
  options: Partial<ProgramOptions> = {},
): Promise<Session> {
  const texts = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  const stream = (name: keyof typeof texts) => ({
    write: (chunk: string | Uint8Array) => {
      texts[name] += typeof chunk === "string" ? chunk : decoder.decode(chunk);
    },
  });
  const asked: Asked[] = [];
  const code = await program({
    argv: typeof line === "string" ? line.split(" ") : line,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: {},
    directory: import.meta.dirname,
    now: () => documentNow,
    wait: () => Promise.resolve(),
    fetch: answering(answers, asked),
    ...options,
  });
  return { code, ...texts, asked };
}

function answering(answers: Answers, asked: Asked[]): typeof fetch {
  let index = 0;
  return async (input, init = {}) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const line = `${request.method} ${url.pathname}`;
    const text = await request.text();
    const token = request.headers.get("X-Nomad-Token");
    asked.push({ line, search: url.searchParams, token, body: jsonOf(text) });
    if (!(line in answers)) return new Response(`nothing is known of ${line}`, { status: 404 });
    const given = answers[line];
    const answer = typeof given === "function" ? await given(url.searchParams) : given;
    if (answer instanceof Answer) return new Response(answer.text, { status: answer.status });
    index++;
    return Response.json(answer ?? null, { headers: { "X-Nomad-Index": String(index) } });
  };
}

function jsonOf(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Each of the answers once, the last one from then on. */
export function inTurn(...answers: readonly unknown[]): () => unknown {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)];
}
