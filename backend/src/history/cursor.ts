import { z } from "zod";
import { Refusal } from "../http/refusal.ts";

const shape = z.tuple([z.iso.datetime(), z.uuid()]);

/** Where a page ended: the event time and the id of its last record. */
export type Place = z.infer<typeof shape>;

export function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** @throws Refusal CURSOR_INVALID */
export function readCursor(cursor: string): Place {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw new Refusal("CURSOR_INVALID");
  }
}
