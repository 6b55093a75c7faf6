/** The shapes of requests and answers. They validate, and the API's own description is made from them. */
import { colourings, kinds, palettes } from "@fractals/kernel/picture.ts";
import { statuses } from "@fractals/client/fractal.ts";
import { sortColumns } from "@fractals/store/fractals.ts";
import { Type, type TSchema } from "typebox";

const orNull = (schema: TSchema) => Type.Union([Type.Null(), schema]);
const oneOf = (values: readonly string[], description: string) => Type.Enum([...values], { description });
const uuidPattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

const pictureFields = {
  kind: oneOf(kinds, "The formula."),
  width: Type.Integer({ description: "Pixels." }),
  height: Type.Integer({ description: "Pixels." }),
  iterations: Type.Integer({ description: "Where counting stops." }),
  xa: Type.Number({ description: "The left edge of the window." }),
  xb: Type.Number({ description: "The right edge." }),
  ya: Type.Number({ description: "The top edge." }),
  yb: Type.Number({ description: "The bottom edge." }),
  cx: Type.Number({ description: "Real part of a Julia set's constant." }),
  cy: Type.Number({ description: "Imaginary part." }),
  power: Type.Integer({ description: "Exponent of a multibrot, n of Newton's z^n - 1." }),
  palette: oneOf(palettes, "The colours; classic is the tutorial's."),
  colouring: oneOf(colourings, "How counts become colours."),
  samples: Type.Integer({ description: "Supersampling: samples x samples points per pixel." }),
};

const requestFields = {
  ...pictureFields,
  uuid: Type.String({
    pattern: uuidPattern,
    description: "Chosen by the caller, so that asking twice makes one fractal.",
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    description: "From which all that is random is derived.",
  }),
};

export const FractalRequestBody = Type.Partial(Type.Object(requestFields), { additionalProperties: false });
export const FractalRequestBodies = Type.Array(FractalRequestBody, { minItems: 1, maxItems: 1000 });

const timings = Type.Object(
  { computeMs: Type.Number(), colourMs: Type.Number(), encodeMs: Type.Number() },
  { additionalProperties: false },
);

export const FractalAnswer = Type.Object({
  ...requestFields,
  status: oneOf(statuses, "How far it is; done and failed are final."),
  url: Type.String({ description: "Where the PNG is." }),
  duration: orNull(Type.Number({ description: "Seconds." })),
  size: orNull(Type.Integer({ description: "Bytes." })),
  checksum: orNull(Type.String({ description: "SHA-256 of the PNG." })),
  generated_by: orNull(Type.String()),
  attempts: Type.Integer({ description: "How often a worker has begun to draw it." }),
  created_at: Type.String({ format: "date-time" }),
  started_at: orNull(Type.String({ format: "date-time" })),
  finished_at: orNull(Type.String({ format: "date-time" })),
  timings: orNull(timings),
  error: orNull(Type.String()),
});

export const FractalPageAnswer = Type.Object({
  page: Type.Integer(),
  total_pages: Type.Integer(),
  num_results: Type.Integer({ description: "Over all pages." }),
  objects: Type.Array(FractalAnswer),
});

export const FractalsAnswer = Type.Object({ objects: Type.Array(FractalAnswer) });

export const ListQuery = Type.Object(
  {
    page: Type.Integer({ minimum: 1, default: 1 }),
    results_per_page: Type.Integer({ minimum: -1, maximum: 1000, default: 10, description: "-1 for all." }),
    status: Type.Optional(oneOf(statuses, "Only fractals in this state.")),
    kind: Type.Optional(oneOf(kinds, "Only fractals of this formula.")),
    sort: Type.Enum(
      Object.keys(sortColumns).flatMap((name) => [name, `-${name}`]),
      { default: "-created_at", description: "A field; with - before it, descending." },
    ),
  },
  { additionalProperties: false },
);

export const UuidParams = Type.Object({ uuid: Type.String() });

/** What a worker writes: that it begins, that it is done, or that it gives up. */
export const FractalUpdate = Type.Object(
  {
    uuid: Type.Optional(Type.String()),
    status: Type.Optional(oneOf(["drawing", "failed", "done"], "What the worker says.")),
    generated_by: Type.String({ minLength: 1, maxLength: 255 }),
    error: Type.Optional(Type.String({ maxLength: 10_000 })),
    image: Type.Optional(Type.String({ description: "The PNG in base64." })),
    thumbnail: Type.Optional(Type.String({ description: "A smaller PNG in base64." })),
    duration: Type.Optional(Type.Number({ minimum: 0 })),
    checksum: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
    size: Type.Optional(Type.Integer({ minimum: 0 })),
    timings: Type.Optional(timings),
  },
  { additionalProperties: false },
);

export const WorkerParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }) });

export const WorkerBeatBody = Type.Object(
  {
    host: Type.String({ maxLength: 255 }),
    pid: Type.Integer({ minimum: 0 }),
    drawing: orNull(Type.String({ pattern: uuidPattern })),
    progress: orNull(Type.Number({ minimum: 0, maximum: 1 })),
    drawn: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);

export const WorkersAnswer = Type.Object({
  queue: Type.Object({ depth: orNull(Type.Integer()), consumers: orNull(Type.Integer()) }),
  workers: Type.Array(
    Type.Object({
      name: Type.String(),
      host: Type.String(),
      pid: Type.Integer(),
      seen_at: Type.String({ format: "date-time" }),
      drawing: orNull(Type.String()),
      progress: orNull(Type.Number()),
      drawn: Type.Integer(),
    }),
  ),
  rates: Type.Object({ done_last_minute: Type.Integer(), failed_last_minute: Type.Integer() }),
  totals: Type.Record(Type.String(), Type.Integer()),
});

export const FaultAnswer = Type.Object({ message: Type.String(), field: Type.Optional(Type.String()) });
