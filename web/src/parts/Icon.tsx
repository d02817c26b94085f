/** Line drawings on a 24 × 24 grid. They repeat what the words beside them say, so screen readers skip them. */
const drawings = {
  passed: "M5 12.5l4.6 4.6L19 7.5",
  failed: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  unknown: "M9 9.2a3 3 0 1 1 4.6 2.6c-1 .7-1.6 1.3-1.6 2.5M12 17.6v.1",
  file: "M7 3.5h7l4.5 4.5v12.5H7zM14 3.5V8h4.5M10 13h5.5M10 16.5h5.5",
  device: "M4 5.5h16v10.5H4zM9 20h6M12 16v4",
  search: "M10.5 4.5a6 6 0 1 1 0 12a6 6 0 0 1 0-12M15 15l5 5",
  help: "M5 5.5h14v10.5h-7l-4 4v-4H5z",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  open: "M9 6l6 6-6 6",
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
