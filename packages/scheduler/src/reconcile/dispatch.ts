/**
 * Jobs that are launched on demand, with a payload and meta of the caller. Each launch is a child job.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/parameterized
 */
import type { Job, Parameterized } from "@fractus/core/job.ts";
import { Refusal } from "@fractus/core/refusal.ts";

/** The payload may not be larger than this. */
export const maxPayloadBytes = 16 * 1024;

export interface DispatchRequest {
  readonly payloadBase64?: string;
  readonly meta: Readonly<Record<string, string>>;
  /** Goes into the child's id, in front of the time. */
  readonly idPrefix?: string;
  /** A second request with the same token gets the first one's child. */
  readonly idempotencyToken?: string;
  readonly nowMs: number;
  /** Eight random hexadecimal digits. */
  readonly suffix: string;
}

/**
 * The child job, or the one that an earlier request with the same token has made.
 *
 * @param children launches of the job that are still known
 * @throws Refusal invalid if the job cannot be dispatched so, with what is missing or too much
 */
export function dispatch(
  job: Job,
  request: DispatchRequest,
  children: readonly Job[],
): { readonly child: Job; readonly isNew: boolean } {
  const { parameterized } = job;
  if (!parameterized || job.dispatched) {
    throw new Refusal("invalid", `Job "${job.id}" is not parameterized: it cannot be dispatched.`);
  }
  if (job.stopped) throw new Refusal("invalid", `Job "${job.id}" is stopped: start it to dispatch it.`);
  checkPayload(parameterized, request);
  checkMeta(parameterized, request.meta);
  const token = request.idempotencyToken;
  const earlier = children.find((child) => child.parentId === job.id && child.idempotencyToken === token);
  if (token !== undefined && earlier) return { child: earlier, isNew: false };
  const id = dispatchedChildId(job.id, request);
  const child: Job = {
    ...job,
    id,
    name: id,
    parentId: job.id,
    dispatched: true,
    idempotencyToken: token,
    payloadBase64: request.payloadBase64,
    meta: { ...job.meta, ...request.meta },
    status: "pending",
    stable: false,
    version: 0,
    submittedAtMs: request.nowMs,
  };
  return { child, isNew: true };
}

/** `encode/dispatch-1767225600-0a1b2c3d`. */
export function dispatchedChildId(
  jobId: string,
  request: Pick<DispatchRequest, "idPrefix" | "nowMs" | "suffix">,
): string {
  const prefix = request.idPrefix ? `${request.idPrefix}-` : "";
  return `${jobId}/dispatch-${prefix}${Math.floor(request.nowMs / 1_000)}-${request.suffix}`;
}

function checkPayload(parameterized: Parameterized, { payloadBase64 = "" }: DispatchRequest): void {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(payloadBase64)) {
    throw new Refusal("invalid", "The payload is not base64.");
  }
  const padding = payloadBase64.endsWith("==") ? 2 : payloadBase64.endsWith("=") ? 1 : 0;
  const bytes = (payloadBase64.length / 4) * 3 - padding;
  if (bytes > maxPayloadBytes) {
    throw new Refusal("invalid", `The payload has ${bytes} bytes; at most ${maxPayloadBytes} are allowed.`);
  }
  if (parameterized.payload === "required" && bytes === 0) {
    throw new Refusal("invalid", "The job requires a payload.");
  }
  if (parameterized.payload === "forbidden" && bytes > 0) {
    throw new Refusal("invalid", "The job does not allow a payload.");
  }
}

function checkMeta(parameterized: Parameterized, meta: Readonly<Record<string, string>>): void {
  const missing = parameterized.metaRequired.filter((key) => !(key in meta));
  if (missing.length > 0) {
    throw new Refusal("invalid", `The dispatch does not provide required meta: ${missing.join(", ")}.`);
  }
  const known = new Set([...parameterized.metaRequired, ...parameterized.metaOptional]);
  const unknown = Object.keys(meta).filter((key) => !known.has(key));
  if (unknown.length > 0) {
    throw new Refusal("invalid", `The job does not allow meta: ${unknown.join(", ")}.`);
  }
}
