import { readFileSync } from "node:fs";

const parts = readFileSync(new URL("../fixtures/document.txt", import.meta.url), "utf8")
  .split(/^== /m)
  .slice(1)
  .map((part) => {
    const feed = part.indexOf("\n");
    return [part.slice(0, feed), part.slice(feed + 1)] as const;
  });

/** What the document of checklist F prints, under the title that begins so. */
export function printed(title: string): string {
  const found = parts.find(([heading]) => heading.startsWith(`${title} (`));
  if (!found) throw new Error(`the document has no part ${title}`);
  return found[1];
}
