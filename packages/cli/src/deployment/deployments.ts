import type { Deployment, DeploymentAnswer } from "@fractus/client/types/deployment.ts";
import type { Command, Invocation } from "../command.ts";
import type { Context } from "../context.ts";
import { deploymentText } from "../deployment-text.ts";
import { findDeployment } from "../find.ts";
import { shortId, table } from "../format.ts";
import { detachOrMonitor, monitor, monitorDeployment, monitorFlags, monitorOptions } from "../monitor.ts";

export function deploymentTable(list: readonly Deployment[], isVerbose: boolean): string {
  const rows = list.map((each) => [
    shortId(each.ID, isVerbose),
    each.JobID,
    each.JobVersion,
    each.Status,
    each.StatusDescription,
  ]);
  return table([["ID", "Job ID", "Job Version", "Status", "Description"], ...rows]);
}

export const list: Command = {
  arguments: "",
  takes: [0, 0],
  words: "Lists all deployments, the newest first.",
  flags: [
    { name: "filter", value: "expression", words: 'such as Status == "running"' },
    { name: "verbose", words: "whole IDs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "deployment list", words: "what was deployed lately?" }],
  run: async ({ context, flags }: Invocation) => {
    const filter = flags.text("filter");
    const all = (await context.client.deployments.list({ ...(filter && { filter }) })) ?? [];
    if (flags.is("json")) return context.print(JSON.stringify(all, null, 4));
    if (all.length === 0) return context.print("No deployments found");
    const newest = [...all].sort((a, b) => b.CreateIndex - a.CreateIndex);
    context.print(deploymentTable(newest, flags.is("verbose")));
  },
};

export const status: Command = {
  arguments: "[deployment]",
  takes: [0, 1],
  words: "Shows a deployment, or lists all of them. With -monitor it is followed to its end.",
  flags: [
    { name: "monitor", words: "follow it to its end" },
    { name: "timestamps", words: "begin each line with the time" },
    { name: "verbose", words: "whole IDs" },
    { name: "json", words: "the JSON of the API" },
  ],
  examples: [{ line: "deployment status f31e3269", words: "how far is it?" }],
  run: async (invocation: Invocation) => {
    const { context, arguments: given, flags } = invocation;
    if (given.length === 0) return list.run(invocation);
    const deployment = await findDeployment(context, given[0]);
    if (flags.is("json")) return context.print(JSON.stringify(deployment, null, 4));
    if (flags.is("monitor"))
      return monitorDeployment(context, deployment.ID, monitorOptions(flags, deployment.Namespace));
    context.print(deploymentText(deployment, flags.is("verbose")));
  },
};

/** A change, and then the evaluation that it brought about. */
function change(
  words: string,
  made: {
    readonly example: string;
    readonly done: (id: string) => string;
    readonly make: (
      context: Context,
      deployment: Deployment,
      flags: Invocation["flags"],
    ) => Promise<DeploymentAnswer>;
    readonly flags?: Command["flags"];
    /** After it the deployment does not go on, so it is not followed. */
    readonly isHalt?: boolean;
  },
): Command {
  return {
    arguments: "<deployment>",
    takes: [1, 1],
    words,
    flags: [...monitorFlags, ...(made.flags ?? [])],
    examples: [{ line: `deployment ${made.example} f31e3269`, words: "the beginning of an ID will do" }],
    run: async ({ context, arguments: [wanted], flags }: Invocation) => {
      const deployment = await findDeployment(context, wanted);
      const answer = await made.make(context, deployment, flags);
      const options = monitorOptions(flags, deployment.Namespace);
      if (typeof answer.RevertedJobVersion === "number")
        context.print(`Going back to version ${answer.RevertedJobVersion} of job "${deployment.JobID}"`);
      const done = made.done(shortId(deployment.ID, options.isVerbose));
      if (!made.isHalt) return detachOrMonitor(context, answer.EvalID, { ...options, done });
      context.print(done);
      if (!answer.EvalID || options.detach) return 0;
      return monitor(context, answer.EvalID, { ...options, leavesDeployment: true });
    },
  };
}

export const promote = change("Lets a deployment go on from its canaries to the rest.", {
  example: "promote",
  done: (id) => `Deployment "${id}" is promoted`,
  make: ({ client }, { ID }, flags) => client.deployments.promote(ID, flags.texts("group")),
  flags: [{ name: "group", value: "name", many: true, words: "only this group; may be repeated" }],
});

export const fail = change(
  "Ends a deployment as failed. A job that says auto_revert goes back to its last stable version.",
  {
    example: "fail",
    done: (id) => `Deployment "${id}" is marked as failed`,
    make: ({ client }, { ID }) => client.deployments.fail(ID),
    isHalt: true,
  },
);

export const pause = change("Halts a deployment: what is there stays, nothing more is replaced.", {
  example: "pause",
  done: (id) => `Deployment "${id}" is paused`,
  make: ({ client }, { ID }) => client.deployments.pause(ID, true),
  isHalt: true,
});

export const resume = change("Lets a halted deployment go on.", {
  example: "resume",
  done: (id) => `Deployment "${id}" goes on`,
  make: ({ client }, { ID }) => client.deployments.pause(ID, false),
});
