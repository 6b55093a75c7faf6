import { useState } from "react";
import { useAttempt, usePage } from "./context.tsx";
import { strings } from "./strings.ts";
import { surprises } from "./tasks.ts";

const atOnce = 6;

/** Asks for several fractals at random; true when they are accepted. */
export function useSurprise(): { surprise: () => Promise<boolean>; isBusy: boolean } {
  const { client, live, toasts } = usePage();
  const attempt = useAttempt();
  const [isBusy, setBusy] = useState(false);
  const surprise = async () => {
    setBusy(true);
    const created = await attempt(() => client.createMany(surprises(atOnce, Math.random)));
    setBusy(false);
    if (created === undefined) return false;
    for (const fractal of created) live.learn({ type: "fractal", fractal });
    toasts.show(strings.form.surprised(created.length));
    return true;
  };
  return { surprise, isBusy };
}
