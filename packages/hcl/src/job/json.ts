/** JSON as values, and as the job file's decoder builds it up. */
export type Json = null | string | number | boolean | readonly Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
