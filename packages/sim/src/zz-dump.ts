import { runSeed } from "./run-seed.ts";
let w: any;
const [, , seed, job, project = "default"] = process.argv;
const o = await runSeed({ seed: Number(seed), steps: 60, sabotage: (x) => { w = x; x.watchers.push({ started(c: any) { w.c = c; }, committed() {} }); } });
console.log(JSON.stringify(o.failure).slice(0,400));
const st = w.c.state; const k = project + "\n" + job;
const t = (ms: any) => ms && (ms - 1767225600000) / 1000;
const j = st.jobs.get(k)?.job;
if (j) console.log("JOB", j.type, j.status, "v" + j.version, j.zones, JSON.stringify(j.constraints), j.stopped, j.groups.map((g: any) => JSON.stringify({n: g.name, c: g.count, u: g.update, r: g.reschedule, d: g.disconnect, m: g.migrate, cons: g.constraints, cfg: g.tasks[0].config})).join("\n   "));
for (const d of st.deployments.by("job", k)) console.log("DEP v", d.jobVersion, d.id, d.status, d.statusReason, JSON.stringify(d.groups), t(d.createdAtMs));
for (const a of st.allocations.by("job", k)) if (process.argv[6] || a.desired === "run") console.log("ALLOC", a.id.slice(0, 8), a.name, a.nodeId, "v" + a.jobVersion, a.desired, a.status, "next", a.nextId?.slice(0, 8), "prev", a.previousId?.slice(0,8), "dep", a.deploymentId?.slice(0, 8), JSON.stringify(a.health), JSON.stringify(a.transition), a.desiredReason, t(a.createdAtMs), t(a.modifiedAtMs), "fu", a.followUpEvaluationId?.slice(0,8), t(a.unknownSinceMs));
for (const e of st.evaluations.by("job", k)) if (process.argv[6] || e.status !== "complete") console.log("EVAL", e.id.slice(0, 8), e.cause, e.status, e.statusReason, "blk", e.blockedId?.slice(0, 8), JSON.stringify(e.queued), t(e.createdAtMs), t(e.waitUntilMs), JSON.stringify(e.failed)?.slice(0, 300));
for (const n of st.nodes.values()) console.log("NODE", n.name, n.status, n.isEligible, JSON.stringify(n.drain), n.class, n.zone);
for (const a of st.allocations.values()) { const n = st.nodes.get(a.nodeId); if (n?.drain && a.desired === "run" && a.status !== "complete" && a.status !== "failed") console.log("ON DRAINED", n.name, a.project, a.name, a.status, st.jobs.get(a.project + "\n" + a.jobId)?.job.type, "v" + a.jobVersion, JSON.stringify(a.transition), JSON.stringify(a.health)); }
