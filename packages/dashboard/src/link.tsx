import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { goTo } from "./use-route.ts";

/** A link between pages: an ordinary one, but that the click does not load everything anew. */
export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  // oxlint-disable-next-line jsx-a11y/anchor-has-content -- the content comes with the other properties
  return <a href={to} onClick={follow} {...rest} />;
}
