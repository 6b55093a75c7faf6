import { homeWindows } from "@fractals/kernel/limits.ts";
import type { Picture } from "@fractals/kernel/picture.ts";
import { useRef, type PointerEvent } from "react";
import { Icon } from "./icons.tsx";
import type { FieldsProps } from "./new-page.tsx";
import { NumberInput } from "./number-fields.tsx";
import { Preview } from "./preview.tsx";
import { strings } from "./strings.ts";
import { newSeed, windowAround } from "./tasks.ts";

const home = homeWindows.mandelbrot;
const map: Picture = {
  kind: "mandelbrot",
  width: 320,
  height: 220,
  iterations: 200,
  ...windowAround({ x: -0.65, y: 0, height: home.yb - home.ya + 0.1 }, 320 / 220),
  cx: 0,
  cy: 0,
  power: 2,
  palette: "grey",
  colouring: "smooth",
  samples: 2,
};

/** The constant of a Julia set: rolled, typed, or pointed at on the Mandelbrot set. */
export function ConstantField({ values, reading, errors, change }: FieldsProps) {
  const { picture } = reading;
  const choose = (cx: number, cy: number) => change({ ...values, cx: cx.toFixed(6), cy: cy.toFixed(6) });
  const roll = () => change({ ...values, cx: "", cy: "", seed: String(newSeed(Math.random)) });
  return (
    <fieldset className="group">
      <legend>{strings.form.constant}</legend>
      <div className="constant">
        <ConstantMap constant={picture && { cx: picture.cx, cy: picture.cy }} onChoose={choose} />
        <div className="constant-fields">
          <p className="hint">{strings.form.constantHint}</p>
          <NumberInput field="cx" values={values} errors={errors} change={change} placeholder={picture?.cx} />
          <NumberInput field="cy" values={values} errors={errors} change={change} placeholder={picture?.cy} />
          <button type="button" className="button" onClick={roll}>
            <Icon name="dice" />
            {strings.form.roll}
          </button>
        </div>
      </div>
    </fieldset>
  );
}

function ConstantMap(props: {
  constant: { cx: number; cy: number } | undefined;
  onChoose: (cx: number, cy: number) => void;
}) {
  const { constant, onChoose } = props;
  const element = useRef<HTMLElement>(null);
  const choose = ({ clientX, clientY }: PointerEvent) => {
    const box = element.current!.getBoundingClientRect();
    const part = (value: number) => Math.min(1, Math.max(0, value));
    onChoose(
      map.xa + (map.xb - map.xa) * part((clientX - box.left) / box.width),
      map.ya + (map.yb - map.ya) * part((clientY - box.top) / box.height),
    );
  };
  return (
    <figure
      className="map"
      ref={element}
      aria-label={strings.form.map}
      onPointerDown={(event) => {
        element.current!.setPointerCapture(event.pointerId);
        choose(event);
      }}
      onPointerMove={(event) => element.current!.hasPointerCapture(event.pointerId) && choose(event)}
    >
      <Preview picture={map} across={320} />
      {constant && (
        <span
          className="cross"
          style={{
            left: `${((constant.cx - map.xa) / (map.xb - map.xa)) * 100}%`,
            top: `${((constant.cy - map.ya) / (map.yb - map.ya)) * 100}%`,
          }}
        />
      )}
    </figure>
  );
}
