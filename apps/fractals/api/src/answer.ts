import { PictureError } from "@fractals/kernel/limits.ts";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "@fractals/program/log.ts";

/** A request that cannot be granted: the status, and a message for the caller. */
export class Fault extends Error {
  readonly status: number;
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

export function noFractal(uuid: string): Fault {
  return new Fault(404, `There is no fractal ${uuid}.`);
}

/** Turns whatever a route threw into an answer: faults as they say, bugs as 500 with the details in the log only. */
export function answerErrors(log: Log) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, message, field } = faultOf(error);
    if (status >= 500) log.error(`${request.method} ${request.url} failed`, error);
    void reply.code(status).send({ message, ...(field !== undefined && { field }) });
  };
}

function faultOf(error: FastifyError | Error): Pick<Fault, "status" | "message" | "field"> {
  if (error instanceof Fault) return error;
  if (error instanceof PictureError) return { status: 400, message: error.message, field: error.field };
  if ("validation" in error && error.validation) return validationFault(error);
  if ("statusCode" in error && error.statusCode !== undefined && error.statusCode < 500) {
    return { status: error.statusCode, message: error.message, field: undefined };
  }
  return { status: 500, message: "The API failed on this request; its log tells why.", field: undefined };
}

function validationFault({ validation, validationContext }: FastifyError) {
  const [first] = validation!;
  const parameters = first.params as {
    additionalProperty?: string;
    missingProperty?: string;
    allowedValues?: unknown[];
  };
  const path = first.instancePath.split("/").filter(Boolean).join(".");
  const own = parameters.additionalProperty ?? parameters.missingProperty;
  const field = [path, own].filter(Boolean).join(".");
  const place = field || validationContext || "request";
  if (parameters.additionalProperty) return { status: 400, message: `${place} is not known here.`, field };
  const allowed = parameters.allowedValues ? `: ${parameters.allowedValues.join(", ")}` : "";
  const said = parameters.missingProperty ? "is missing" : first.message;
  return { status: 400, message: `${place} ${said}${allowed}.`, field: field || undefined };
}
