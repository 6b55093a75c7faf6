import { Ajv } from "ajv";
import type { FastifySchemaCompiler } from "fastify";

/**
 * Validates requests by their schemas. Query and path are text, so numbers in them are read as numbers;
 * a JSON body must have the types it should have. Nothing that is unknown is dropped in silence.
 */
export function validatorCompiler(): FastifySchemaCompiler<object> {
  const options = { useDefaults: true, strict: false };
  const text = new Ajv({ ...options, coerceTypes: "array" });
  const json = new Ajv(options);
  return ({ schema, httpPart }) => (httpPart === "body" ? json : text).compile(schema);
}
