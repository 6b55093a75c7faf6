import { useId } from "react";
import {
  isDistorted,
  undistorted,
  withSize,
  type FieldErrors,
  type FormValues,
  type NumberField,
} from "./form.ts";
import type { FieldsProps } from "./new-page.tsx";
import { strings } from "./strings.ts";

/** Common sizes, and any other. */
export function SizeFields({ values, errors, change }: FieldsProps) {
  const current = `${values.width}x${values.height}`;
  return (
    <fieldset className="group">
      <legend>{strings.form.size}</legend>
      <fieldset className="segments" aria-label={strings.form.presets}>
        {Object.entries(strings.presets).map(([size, name]) => {
          const [width, height] = size.split("x").map(Number);
          return (
            <button
              key={size}
              type="button"
              aria-pressed={current === size}
              title={strings.facts.dimensionsOf(width, height)}
              onClick={() => change(withSize(values, width, height))}
            >
              {name}
            </button>
          );
        })}
      </fieldset>
      <div className="pair">
        <NumberInput
          field="width"
          values={values}
          errors={errors}
          change={change}
          unit={strings.form.pixels}
        />
        <NumberInput
          field="height"
          values={values}
          errors={errors}
          change={change}
          unit={strings.form.pixels}
        />
      </div>
    </fieldset>
  );
}

/** How closely it is looked at. */
export function DetailFields({ values, errors, change }: FieldsProps) {
  return (
    <fieldset className="group">
      <legend>{strings.form.detail}</legend>
      <NumberInput field="iterations" values={values} errors={errors} change={change} />
      <div className="slider slider-labelled">
        <label htmlFor="samples">{strings.form.samples}</label>
        <input
          id="samples"
          type="range"
          name="samples"
          min={1}
          max={4}
          value={values.samples}
          onChange={({ target }) => change({ ...values, samples: target.value })}
        />
        <output>{strings.form.samplesOf(Number(values.samples))}</output>
      </div>
      <FieldError field="samples" errors={errors} />
    </fieldset>
  );
}

/** Which part of the plane is seen. */
export function WindowFields({ values, reading, errors, change }: FieldsProps) {
  return (
    <fieldset className="group">
      <legend>{strings.form.window}</legend>
      <div className="pair">
        {(["xa", "xb", "ya", "yb"] as const).map((field) => (
          <NumberInput key={field} field={field} values={values} errors={errors} change={change} />
        ))}
      </div>
      {reading.picture && isDistorted(reading.picture) && (
        <p className="hint">
          {strings.form.distorted}{" "}
          <button type="button" className="text-button" onClick={() => change(undistorted(values))}>
            {strings.form.undistort}
          </button>
        </p>
      )}
    </fieldset>
  );
}

/** A number as text, so that what is half typed stays; what is wrong stands below it. */
export function NumberInput(props: {
  field: NumberField;
  values: FormValues;
  errors: FieldErrors;
  change: (values: FormValues) => void;
  unit?: string;
  placeholder?: number | undefined;
}) {
  const { field, values, errors, change, unit, placeholder } = props;
  const id = useId();
  const label = strings.form[field as keyof typeof strings.form] as string;
  const error = errors[field];
  return (
    <div className="number">
      <label htmlFor={id}>{label}</label>
      <span className="number-input">
        <input
          id={id}
          name={field}
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          value={values[field]}
          placeholder={placeholder === undefined ? undefined : String(placeholder)}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : `${id}-error`}
          onChange={({ target }) => change({ ...values, [field]: target.value })}
        />
        {unit && <span className="unit">{unit}</span>}
      </span>
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export function FieldError({ field, errors }: { field: string; errors: FieldErrors }) {
  const error = errors[field];
  return error === undefined ? undefined : (
    <p className="field-error" role="alert">
      {error}
    </p>
  );
}
