/** `1h30m0s`, `15.25s`, `200ms`: as clients of Nomad are used to reading durations. Whole milliseconds. */
export function durationText(ms: number): string {
  const whole = Math.round(ms);
  if (whole < 1000) return whole === 0 ? "0s" : `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
