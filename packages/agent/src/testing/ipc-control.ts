/** Control in the test's process, for an agent in a process of its own that can be killed. */
import type { ChildProcess } from "node:child_process";
import { Refusal } from "@fractus/core/refusal.ts";
import type { RefusalKind } from "@fractus/core/refusal.ts";
import type { ControlLink } from "../control-link.ts";

interface Question {
  readonly ask: number;
  readonly method: keyof ControlLink;
  readonly values: readonly unknown[];
}

interface Answer {
  readonly answer: number;
  readonly value?: unknown;
  readonly refusal?: { readonly kind: RefusalKind; readonly message: string };
}

/** Answers the questions of an agent in another process. */
export function serveControl(child: ChildProcess, control: ControlLink): void {
  child.on("message", (message: Question) => {
    if (typeof message.ask !== "number") return;
    void answerTo(message, control).then((answer) => child.connected && child.send(answer, () => undefined));
  });
}

async function answerTo({ ask, method, values }: Question, control: ControlLink): Promise<Answer> {
  try {
    const act = control[method] as (...values: unknown[]) => Promise<unknown>;
    return { answer: ask, value: await act(...values) };
  } catch (error) {
    const kind = error instanceof Refusal ? error.kind : "unavailable";
    return { answer: ask, refusal: { kind, message: String(error) } };
  }
}

/** The other end: asks the process that started this one. */
export function parentControl(): ControlLink {
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  process.on("message", (message: Answer) => {
    waiting.get(message.answer)?.(message);
    waiting.delete(message.answer);
  });
  const ask = async (method: keyof ControlLink, values: readonly unknown[]): Promise<unknown> => {
    const question: Question = { ask: ++asked, method, values };
    const { value, refusal } = await new Promise<Answer>((resolve) => {
      waiting.set(question.ask, resolve);
      process.send?.(question);
    });
    if (refusal) throw new Refusal(refusal.kind, refusal.message);
    return value;
  };
  const asking = <Name extends keyof ControlLink>(method: Name) =>
    ((...values: unknown[]) =>
      ask(
        method,
        values.filter((value) => !(value instanceof AbortSignal)),
      )) as unknown as ControlLink[Name];
  return {
    register: asking("register"),
    heartbeat: asking("heartbeat"),
    assignments: asking("assignments"),
    report: asking("report"),
    setServices: asking("setServices"),
    services: asking("services"),
    variable: asking("variable"),
    variablePaths: asking("variablePaths"),
    changed: asking("changed"),
  };
}
