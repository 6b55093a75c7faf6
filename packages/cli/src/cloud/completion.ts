import type { Command, Invocation } from "../command.ts";
import { completionScript, type Shell } from "../completion-script.ts";
import { Failure } from "../failure.ts";

export const completion: Command = {
  arguments: "<bash|zsh>",
  takes: [1, 1],
  words: "Prints a script that completes commands in a shell.",
  examples: [
    { line: "completion bash > ~/.local/share/bash-completion/completions/fractus", words: "for good" },
  ],
  run: async ({ context, arguments: [shell] }: Invocation) => {
    if (shell !== "bash" && shell !== "zsh")
      throw new Failure(`Error: there is completion for bash and zsh, not for "${shell}".`);
    context.print(
      completionScript(shell satisfies Shell, { program: context.program, names: context.commandNames }),
    );
  },
};
