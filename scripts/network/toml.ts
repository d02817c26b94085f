export type TomlValue = string | number | boolean | readonly string[];

/** A flat TOML document. Values are plain ASCII or Chinese text without control characters. */
export function toToml(comment: string, values: Readonly<Record<string, TomlValue>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key}=${tomlValue(value)}`);
  return [`# ${comment}`, ...lines, ""].join("\n");
}

function tomlValue(value: TomlValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  return value.length === 0 ? "[]" : `[\n${value.map((entry) => `  ${JSON.stringify(entry)},\n`).join("")}]`;
}
