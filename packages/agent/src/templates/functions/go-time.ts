/** Go writes a time after the example of 2 January 2006, 15:04:05: https://pkg.go.dev/time#Layout */
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(
  " ",
);

/** In UTC. `unix` gives seconds since 1970, no layout RFC 3339. */
export function formatTime(atMs: number, layout = "2006-01-02T15:04:05Z07:00"): string {
  if (layout === "unix") return String(Math.floor(atMs / 1000));
  return layout.replace(
    /2006|January|Jan|Monday|Mon|MST|Z07:?00|-07:?00|[.,]0+(?!\d)|01|02|03|04|05|06|15|_2|PM|pm|1|2|3|4|5/g,
    (part) => writePart(part, new Date(atMs)),
  );
}

function writePart(part: string, at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hour12 = at.getUTCHours() % 12 || 12;
  const month = months[at.getUTCMonth()];
  const weekday = weekdays[at.getUTCDay()];
  const isAfternoon = at.getUTCHours() >= 12;
  const written: Readonly<Record<string, string>> = {
    "2006": String(at.getUTCFullYear()),
    "06": two(at.getUTCFullYear() % 100),
    January: month,
    Jan: month.slice(0, 3),
    "01": two(at.getUTCMonth() + 1),
    "1": String(at.getUTCMonth() + 1),
    Monday: weekday,
    Mon: weekday.slice(0, 3),
    "02": two(at.getUTCDate()),
    _2: String(at.getUTCDate()).padStart(2, " "),
    "2": String(at.getUTCDate()),
    "15": two(at.getUTCHours()),
    "03": two(hour12),
    "3": String(hour12),
    "04": two(at.getUTCMinutes()),
    "4": String(at.getUTCMinutes()),
    "05": two(at.getUTCSeconds()),
    "5": String(at.getUTCSeconds()),
    PM: isAfternoon ? "PM" : "AM",
    pm: isAfternoon ? "pm" : "am",
    MST: "UTC",
    "Z07:00": "Z",
    Z0700: "Z",
    "-07:00": "+00:00",
    "-0700": "+0000",
  };
  if (Object.hasOwn(written, part)) return written[part];
  const digits = String(at.getUTCMilliseconds()).padStart(3, "0").padEnd(9, "0");
  return part[0] + digits.slice(0, part.length - 1);
}
