/** What happens, as it happens. After https://developer.hashicorp.com/nomad/api-docs/events. */
import { Refusal } from "@fractus/core/refusal.ts";
import type { Call } from "../call.ts";
import { type Event, eventsOf, type Topic, topics } from "../event.ts";
import { Fault } from "../fault.ts";
import { Queue } from "../queue.ts";
import { ask, type Route } from "../route.ts";
import { answerStream, withBeat } from "../streaming.ts";

export const eventRoutes: readonly Route[] = [ask("/event/stream", stream)];

const beatMs = 10_000;

/** One line for each transaction that has something to say to the caller, and `{}` in quiet times. */
function stream(call: Call): Promise<unknown> {
  const wanted = wantedTopics(call);
  const { ledger } = call.control;
  const queue = new Queue<string>();
  const tell = (events: readonly Event[]) => {
    const heard = events.filter((event) => isWanted(wanted, event) && mayHear(call, event));
    if (heard.length > 0) queue.put(`${JSON.stringify({ Index: heard[0].Index, Events: heard })}\n`);
  };
  const from = call.number("index") ?? 0;
  if (from > 0)
    for (const committed of ledger.recent())
      if (committed.index >= from) tell(eventsOf(call.state, committed));
  const stop = ledger.listen((committed) => {
    try {
      tell(eventsOf(call.state, committed));
    } catch (error) {
      // Heard while a transaction is applied, where nothing may fail.
      call.door.log("an event could not be told", { index: committed.index, error: String(error) });
      queue.end();
    }
  });
  call.signal.addEventListener("abort", () => {
    stop();
    queue.end();
  });
  void call.reply.header("X-Nomad-Index", String(Math.max(1, call.state.index)));
  const lines = withBeat(queue, "{}\n", { clock: call.clock, everyMs: beatMs, signal: call.signal });
  return answerStream(call, lines, "application/json");
}

/** `Job`, `Allocation:ID`, `*`: the keys by topic; undefined for any key. */
type Wanted = ReadonlyMap<string, ReadonlySet<string> | undefined>;

function wantedTopics(call: Call): Wanted {
  const wanted = new Map<string, Set<string> | undefined>();
  for (const text of call.queries("topic")) {
    const [topic, ...rest] = text.split(":");
    const key = rest.join(":");
    if (topic !== "*" && !topics.includes(topic as Topic))
      throw new Fault(400, `There is no topic ${JSON.stringify(topic)}: use *, ${topics.join(", ")}.`);
    if (topic !== "*" && !mayAsk(call, topic as Topic)) throw new Refusal("forbidden", "Permission denied");
    if (key === "" || key === "*") wanted.set(topic, undefined);
    else if (!wanted.has(topic)) wanted.set(topic, new Set([key]));
    else wanted.get(topic)?.add(key);
  }
  return wanted.size > 0 ? wanted : new Map([["*", undefined]]);
}

function isWanted(wanted: Wanted, event: Event): boolean {
  return ["*", event.Topic].some((topic) => {
    if (!wanted.has(topic)) return false;
    const keys = wanted.get(topic);
    return !keys || keys.has(event.Key) || event.FilterKeys.some((key) => keys.has(key));
  });
}

const namespaced: ReadonlySet<Topic> = new Set(["Job", "Evaluation", "Allocation", "Deployment", "Service"]);

function mayAsk({ acl, namespace }: Call, topic: Topic): boolean {
  if (topic === "Node" || topic === "NodePool") return acl.allowsAt("node", "read");
  if (!namespaced.has(topic)) return acl.isManagement;
  if (acl.isManagement) return true;
  return namespace === "*" ? acl.allowsSomewhere("read-job") : acl.allows(namespace, "read-job");
}

function mayHear(call: Call, event: Event): boolean {
  const { acl, namespace } = call;
  if (!namespaced.has(event.Topic) && event.Topic !== "Variable") return mayAsk(call, event.Topic);
  if (namespace !== "*" && event.Namespace !== namespace) return false;
  return acl.isManagement || (namespaced.has(event.Topic) && acl.allows(event.Namespace, "read-job"));
}
