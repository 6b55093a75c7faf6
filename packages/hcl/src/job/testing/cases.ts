import { readFileSync } from "node:fs";

/** One case of a fixture: `### PLACE: TITLE`, the text, and after `=>` what comes of it. */
export interface Case {
  readonly place: string;
  readonly title: string;
  readonly text: string;
  readonly expected: string;
}

/** The cases of a file in `fixtures/`. */
export function readCases(name: string): readonly Case[] {
  const text = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [, place, title, rest] = /^(\w+): (.*)\n([^]*)$/.exec(section) ?? [];
      const [body, expected] = rest.split(/^=>\n/m);
      return { place, title, text: body, expected: expected.trim() };
    });
}

/** A whole job file around what stands in a job, a group or a task. */
export function jobAround(place: string, text: string): string {
  const task = (inner: string) => `task "t" {\n driver = "exec"\n${inner}}\n`;
  const group = (inner: string) => `group "g" {\n${inner}}\n`;
  const job = (inner: string) => `job "j" {\n${inner}}\n`;
  if (place === "file") return text;
  if (place === "job") return job(`${text}${group(task(""))}`);
  return place === "group" ? job(group(`${text}${task("")}`)) : job(group(task(text)));
}
