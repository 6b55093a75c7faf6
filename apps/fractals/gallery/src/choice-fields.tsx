import { homeWindows } from "@fractals/kernel/limits.ts";
import { colourings, kinds, palettes, type Kind, type Picture } from "@fractals/kernel/picture.ts";
import { kindOf, withKind } from "./form.ts";
import { hasPower } from "./format.ts";
import type { FieldsProps } from "./new-page.tsx";
import { FieldError } from "./number-fields.tsx";
import { Preview } from "./preview.tsx";
import { strings } from "./strings.ts";
import { windowAround } from "./tasks.ts";

const small = { width: 96, height: 72, iterations: 120, samples: 1 } as const;

/** The formulas, each as a small picture of itself. */
export function KindField({ values, errors, change }: FieldsProps) {
  return (
    <fieldset className="group">
      <legend>{strings.form.kind}</legend>
      <div className="cards">
        {kinds.map((kind) => (
          <label key={kind} className="card">
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={values.kind === kind}
              onChange={() => change(withKind(values, kind))}
            />
            <Preview picture={sampleOf(kind)} across={96} />
            <span>{strings.kinds[kind]}</span>
          </label>
        ))}
      </div>
      <FieldError field="kind" errors={errors} />
    </fieldset>
  );
}

function sampleOf(kind: Kind): Picture {
  const home = homeWindows[kind];
  const middle = { x: (home.xa + home.xb) / 2, y: (home.ya + home.yb) / 2, height: home.yb - home.ya };
  return {
    ...small,
    kind,
    ...windowAround(middle, small.width / small.height),
    ...(kind === "julia" ? { cx: -0.7269, cy: 0.1889 } : { cx: 0, cy: 0 }),
    power: hasPower(kind) ? 3 : 2,
    palette: "dusk",
    colouring: "smooth",
  };
}

/** The exponent, where the formula has one. */
export function PowerField({ values, errors, change }: FieldsProps) {
  if (!hasPower(kindOf(values))) return undefined;
  return (
    <fieldset className="group">
      <legend>{strings.form.power}</legend>
      <div className="slider">
        <input
          type="range"
          name="power"
          aria-label={strings.form.power}
          min={2}
          max={8}
          value={values.power}
          onChange={({ target }) => change({ ...values, power: target.value })}
        />
        <output>{values.power}</output>
      </div>
      <FieldError field="power" errors={errors} />
    </fieldset>
  );
}

/** Palettes as swatches of this very picture, and how counts become colours. */
export function ColourFields({ values, reading, errors, change }: FieldsProps) {
  const shown = reading.picture ?? sampleOf(kindOf(values));
  return (
    <fieldset className="group">
      <legend>{strings.form.colours}</legend>
      <div className="cards cards-small">
        {palettes.map((palette) => (
          <label key={palette} className="card">
            <input
              type="radio"
              name="palette"
              value={palette}
              checked={values.palette === palette}
              onChange={() => change({ ...values, palette })}
            />
            <Preview picture={swatchOf({ ...shown, palette })} across={72} />
            <span>{strings.palettes[palette]}</span>
          </label>
        ))}
      </div>
      <FieldError field="palette" errors={errors} />
      <div className="segments" role="radiogroup" aria-label={strings.form.colouring}>
        {colourings.map((colouring) => (
          <label key={colouring} title={strings.colouringHints[colouring]}>
            <input
              type="radio"
              name="colouring"
              value={colouring}
              checked={values.colouring === colouring}
              onChange={() => change({ ...values, colouring })}
            />
            <span>{strings.colourings[colouring]}</span>
          </label>
        ))}
      </div>
      <FieldError field="colouring" errors={errors} />
    </fieldset>
  );
}

/** The same view in the swatch's proportions. */
function swatchOf(picture: Picture): Picture {
  const { xa, xb, ya, yb } = picture;
  const height = Math.min(Math.abs(yb - ya), Math.abs(xb - xa));
  return {
    ...picture,
    ...windowAround({ x: (xa + xb) / 2, y: (ya + yb) / 2, height }, 4 / 3),
    width: 72,
    height: 54,
    iterations: Math.min(picture.iterations, 1000),
    samples: 1,
  };
}
