import type { FunctionTable, HclFunction, SpecialForm } from "../function.ts";
import { collectionFunctions } from "./collection.ts";
import { type DigestCapabilities, digestFunctions } from "./digest.ts";
import { encodingFunctions } from "./encoding.ts";
import { type FileCapabilities, fileFunctions } from "./file.ts";
import { formatFunctions } from "./format.ts";
import { jsonFunctions } from "./json.ts";
import { networkFunctions } from "./network.ts";
import { numericFunctions } from "./numeric.ts";
import { patternFunctions } from "./pattern.ts";
import { textFunctions } from "./text.ts";
import { timeFunctions } from "./time.ts";
import { yamlFunctions } from "./yaml.ts";

/** What the functions may do beyond computing. Only what is passed in can be done. */
export interface Capabilities extends DigestCapabilities {
  /** Without them the file functions fail. */
  readonly files?: FileCapabilities;
}

const specialForms: readonly SpecialForm[] = [
  { name: "try", special: "try" },
  { name: "can", special: "can" },
  { name: "convert", special: "convert" },
];

/**
 * The functions that a job file can call.
 * The list is that of https://developer.hashicorp.com/nomad/docs/reference/hcl2/functions.
 */
export function standardFunctions(capabilities: Capabilities): FunctionTable {
  const functions: readonly (HclFunction | SpecialForm)[] = [
    ...textFunctions,
    ...numericFunctions,
    ...collectionFunctions,
    ...formatFunctions,
    ...patternFunctions,
    ...encodingFunctions,
    ...jsonFunctions,
    ...yamlFunctions,
    ...networkFunctions,
    ...timeFunctions,
    ...digestFunctions(capabilities),
    ...fileFunctions(capabilities.files),
    ...specialForms,
  ];
  return new Map(functions.map((each) => [each.name, each]));
}
