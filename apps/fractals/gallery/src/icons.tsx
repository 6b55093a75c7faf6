/** Line icons on a 20-pixel grid; decoration only, the words stand beside them or in the label. */
const paths = {
  gallery: "M3 3h6v8H3zM11 3h6v5h-6zM11 10h6v7h-6zM3 13h6v4H3z",
  plus: "M10 4v12M4 10h12",
  workers: "M4 16v-4M8 16V8M12 16v-6M16 16V4",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M4.2 15.8l1.1-1.1M14.7 5.3l1.1-1.1",
  moon: "M16.5 11.8A7 7 0 0 1 8.2 3.5a7 7 0 1 0 8.3 8.3z",
  left: "M12 4l-6 6 6 6",
  right: "M8 4l6 6-6 6",
  up: "M10 16V4M5 9l5-5 5 5",
  close: "M5 5l10 10M15 5L5 15",
  download: "M10 3v9M6 8.5l4 4 4-4M4 16.5h12",
  link: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-.9.9M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l.9-.9",
  again: "M15.8 8A6.2 6.2 0 1 0 16 11.6M16 3.8V8h-4.2",
  similar: "M3 3h9v9H3zM15 8v9H6",
  change: "M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4",
  delete: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11M8.5 9v4.5M11.5 9v4.5",
  fit: "M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4",
  actual: "M5 5.5L7 4v12M13 5.5L15 4v12M10.5 8v.1M10.5 12v.1",
  fullScreen: "M8 12l-5 5M3 13v4h4M12 8l5-5M17 7V3h-4",
  dice: "M4 4h12v12H4zM7.5 7.5v.1M12.5 7.5v.1M10 10v.1M7.5 12.5v.1M12.5 12.5v.1",
  nearer: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4M9 6.8v4.4M6.8 9h4.4",
  farther: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4M6.8 9h4.4",
  home: "M3 10l7-6 7 6M5 8.5V16h10V8.5",
  copy: "M7 7h9v9H7zM4 12.5V4h8.5",
  check: "M4 10.5l4 4 8-9",
  spark: "M10 2.5l1.7 5.8 5.8 1.7-5.8 1.7L10 17.5l-1.7-5.8L2.5 10l5.8-1.7z",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** The sign of the house: the Mandelbrot set in five circles. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 27 24" aria-hidden="true" focusable="false">
      <circle cx="17.6" cy="12" r="7.4" />
      <circle cx="7.5" cy="12" r="3.6" />
      <circle cx="2.2" cy="12" r="1.5" />
      <circle cx="18.4" cy="2.7" r="2.2" />
      <circle cx="18.4" cy="21.3" r="2.2" />
    </svg>
  );
}
