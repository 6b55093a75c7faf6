import type { Amounts } from "./capacity.ts";
import { formatMegabytes, formatMegahertz } from "./format.ts";
import { Meter } from "./parts.tsx";
import { strings } from "./strings.ts";
import type { HostUse } from "./use-host-use.ts";

/** What is set aside of the room there is, and what is in use as measured. */
export function CapacityMeters({
  room,
  granted,
  use,
  isShort = false,
}: {
  room: Amounts;
  granted: Amounts;
  use?: HostUse | undefined;
  isShort?: boolean;
}) {
  const words = strings.capacity;
  const textOf = (
    used: number,
    all: number,
    measured: number | undefined,
    format: (amount: number) => string,
  ) => {
    if (isShort) return `${format(used)} / ${format(all)}`;
    const aside = words.of(format(used), format(all));
    return measured === undefined ? aside : `${aside}, ${words.measured(format(measured))}`;
  };
  return (
    <div className={isShort ? "meters is-short" : "meters"}>
      <Meter
        name={words.cpu}
        used={granted.cpuMhz}
        all={room.cpuMhz}
        measured={use?.cpuMhz}
        text={textOf(granted.cpuMhz, room.cpuMhz, use?.cpuMhz, formatMegahertz)}
      />
      <Meter
        name={words.memory}
        used={granted.memoryMb}
        all={room.memoryMb}
        measured={use?.memoryMb}
        text={textOf(granted.memoryMb, room.memoryMb, use?.memoryMb, formatMegabytes)}
      />
      {!isShort && (
        <Meter
          name={words.disk}
          used={granted.diskMb}
          all={room.diskMb}
          text={textOf(granted.diskMb, room.diskMb, undefined, formatMegabytes)}
        />
      )}
    </div>
  );
}
