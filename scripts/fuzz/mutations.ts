// Bodies that a client might send by mistake or on purpose: valid examples, changed in one to four places.

/** Numbers from [0, 1), the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Random = () => number;

export function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)]!;
}

/** Texts that stand for what no JSON writer writes are put in afterwards, in place of this. */
const RAW = "\u0001raw";

const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 53, "", " ", "0", "null", [], {}, [[]], [null], { "": 0 }],
  ...["\u0000", "\ud800", "‮", "a".repeat(5_000), "京".repeat(300), "2026-02-30", "9999-12-31", "１２"],
  ...["'; drop table record; --", "${jndi:ldap://x}", "../../etc/passwd", "<script>alert(1)</script>", "__proto__"],
  ...["91110108MA9D00013X", "11110000MB9D0005X4", "11010519491231002X", "01933b5e-7d1a-7c3e-9f00-3c5a1b2d4e6f"],
  RAW,
];
const RAW_TEXTS = ["1e999", "-0", "00", "NaN", "1" + "0".repeat(400), "'a'", "tru", "[".repeat(60) + "]".repeat(60)];
const NAMES = ["__proto__", "constructor", "", "toString", "type", "a".repeat(300), "字段", "$ref", "fields.number"];

/** JSON text of `example` with some places changed; sometimes no JSON at all. */
export function mutated(example: unknown, random: Random): string | Uint8Array {
  const copy: { root: unknown } = { root: structuredClone(example) };
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) changeOnePlace(copy, random);
  let text = copy.root === undefined ? "" : JSON.stringify(copy.root);
  text = text.replaceAll(JSON.stringify(RAW), () => pick(RAW_TEXTS, random));
  return random() < 0.75 ? text : broken(text, random);
}

/** Walks down from the root, stops by chance, and changes the member where it stands. */
function changeOnePlace(copy: { root: unknown }, random: Random): void {
  let [holder, key]: [Record<string, unknown>, string] = [copy, "root"];
  for (;;) {
    const inner = holder[key];
    const keys = typeof inner === "object" && inner !== null ? Object.keys(inner) : [];
    if (keys.length === 0 || random() < 0.25) break;
    [holder, key] = [inner as Record<string, unknown>, pick(keys, random)];
  }
  const chance = random();
  if (chance < 0.2) Reflect.deleteProperty(holder, key);
  // Copies, lest a later change reach a second place, close a circle or change VALUES.
  else if (chance < 0.35)
    Object.defineProperty(holder, pick(NAMES, random), { ...OWN, value: structuredClone(holder[key]) });
  else if (chance < 0.45) holder[key] = [holder[key], structuredClone(holder[key])];
  else holder[key] = structuredClone(pick(VALUES, random));
}

const OWN = { enumerable: true, configurable: true, writable: true };

/** A text that is cut, has a byte changed, a member twice, or something before or behind it. */
function broken(text: string, random: Random): string | Uint8Array {
  const at = Math.floor(random() * text.length);
  const bytes = Buffer.from(text);
  switch (Math.floor(random() * 6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      return bytes;
    case 2:
      return text.replace("{", '{"type":1,');
    case 3:
      return `${text.slice(0, at)}${pick(["\u0000", ",", '"', "}", "\\u", "\ufeff", "/**/"], random)}${text.slice(at)}`;
    case 4:
      return `\ufeff${text}`;
    default:
      return `${text}${text}`;
  }
}
