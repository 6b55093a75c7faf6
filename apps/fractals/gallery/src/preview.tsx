import type { Picture } from "@fractals/kernel/picture.ts";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { drawPreview, scaledTo } from "./previewer.ts";

export type PreviewState = "drawing" | "drawn" | "failed";

/**
 * A picture drawn in the browser: coarse at once, fine a moment later. A newer picture calls the
 * older one off.
 *
 * @param props.across CSS pixels at most
 * @param props.settleMs how long the picture must have stood before it is drawn
 * @param props.onState told whether something is being drawn, or that it cannot be
 */
export function Preview(props: {
  picture: Picture;
  across: number;
  settleMs?: number;
  className?: string;
  onState?: (state: PreviewState) => void;
}) {
  const { picture, across, settleMs = 40, className, onState } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  const key = JSON.stringify(picture);
  const tell = useEffectEvent((state: PreviewState) => onState?.(state));
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      tell("drawing");
      drawInSteps(JSON.parse(key) as Picture, across, controller.signal, (image) => {
        if (canvas.current) paint(canvas.current, image);
        setDrawn(true);
      }).then(
        () => tell("drawn"),
        () => controller.signal.aborted || tell("failed"),
      );
    }, settleMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [key, across, settleMs]);
  return (
    <canvas
      ref={canvas}
      className={`preview ${className ?? ""} ${isDrawn ? "is-drawn" : ""}`}
      style={{ aspectRatio: `${picture.width} / ${picture.height}` }}
      aria-hidden="true"
    />
  );
}

async function drawInSteps(
  picture: Picture,
  across: number,
  signal: AbortSignal,
  show: (image: ImageData) => void,
): Promise<void> {
  const fine = Math.round(across * Math.min(2, devicePixelRatio));
  if (fine > 200) show(await drawPreview(scaledTo(picture, { width: 160, samples: 1 }), signal));
  show(await drawPreview(scaledTo(picture, { width: fine, samples: 2 }), signal));
}

function paint(canvas: HTMLCanvasElement, image: ImageData): void {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
