import type { ReactNode } from "react";
import { strings } from "./strings.ts";
import { TokenForm } from "./token-form.tsx";
import type { Answer } from "./use-query.ts";

/**
 * What is made of an answer once it is there. Until then that it comes; if it was refused, why, in the
 * words of the server.
 */
export function AnswerView<T>({
  answer: { value, error },
  missing,
  children,
}: {
  answer: Answer<T>;
  /** What to say if there is no such thing. */
  missing?: string;
  children: (value: T) => ReactNode;
}) {
  if (error?.status === 403 && value === undefined) return <TokenForm />;
  if (error?.status === 404) return <p className="notice-line tone-bad">{missing ?? strings.errors.gone}</p>;
  return (
    <>
      {error && <p className="notice-line tone-bad">{error.message}</p>}
      {value === undefined ? !error && <p className="soft pad">{strings.loading}</p> : children(value)}
    </>
  );
}
