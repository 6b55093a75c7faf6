import type { Picture } from "@fractals/kernel/picture.ts";
import { homeWindows } from "@fractals/kernel/limits.ts";
import { useState, type MouseEvent } from "react";
import { zoomed } from "./form.ts";
import { titleOf } from "./format.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Preview, type PreviewState } from "./preview.tsx";
import { strings } from "./strings.ts";
import { windowAround } from "./tasks.ts";

type Window = Pick<Picture, "xa" | "xb" | "ya" | "yb">;

/** The picture as it will be; a click goes nearer to that point. While the form is wrong, the last right picture stays. */
export function PreviewPane(props: { picture: Picture | undefined; onWindow: (window: Window) => void }) {
  const [last, setLast] = useState(props.picture);
  if (props.picture && props.picture !== last) setLast(props.picture);
  const picture = props.picture ?? last;
  const [state, setState] = useState<PreviewState>("drawing");
  if (picture === undefined) return <div className="pane pane-empty" />;
  const zoom = (factor: number, x = 0.5, y = 0.5) => props.onWindow(zoomed(picture, { x, y, factor }));
  const onClick = ({ currentTarget, clientX, clientY }: MouseEvent) => {
    const box = currentTarget.getBoundingClientRect();
    zoom(0.5, (clientX - box.left) / box.width, (clientY - box.top) / box.height);
  };
  const seeAll = () => {
    const home = homeWindows[picture.kind];
    const middle = { x: (home.xa + home.xb) / 2, y: (home.ya + home.yb) / 2, height: home.yb - home.ya };
    props.onWindow(windowAround(middle, picture.width / picture.height));
  };
  return (
    <figure className="pane">
      <div className="pane-frame">
        {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the buttons beside it do the same */}
        <div
          className="pane-picture"
          title={strings.form.previewHint}
          style={{
            aspectRatio: `${picture.width} / ${picture.height}`,
            width: `min(100%, calc(var(--pane) * ${picture.width / picture.height}))`,
          }}
          onClick={onClick}
        >
          <Preview picture={picture} across={640} onState={setState} />
        </div>
      </div>
      <figcaption>
        <output className="pane-title">
          {state === "failed" ? strings.form.previewFailed : titleOf(picture)}
        </output>
        <PaneButton icon="nearer" label={strings.form.nearer} onClick={() => zoom(0.5)} />
        <PaneButton icon="farther" label={strings.form.farther} onClick={() => zoom(2)} />
        <PaneButton icon="home" label={strings.form.home} onClick={seeAll} />
      </figcaption>
    </figure>
  );
}

function PaneButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
