import { basename } from "node:path";
import type { Readable } from "node:stream";
import type { Multipart, MultipartFile } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../http/refusal.ts";
import { withoutIdentityNumbers } from "../records/fields/identity-in-text.ts";

/** What a multipart upload holds beside its file. */
export interface UploadForm {
  readonly fileName: string;
  readonly bytes: number;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads a multipart request with one part `file`, handing the file's stream to `keep` as it arrives.
 * @throws Refusal UNSUPPORTED_MEDIA_TYPE, FILE_MISSING, TOO_LARGE, MALFORMED_REQUEST
 */
export async function readUpload(
  request: FastifyRequest,
  keep: (content: Readable) => Promise<number>,
): Promise<UploadForm> {
  if (!request.isMultipart()) throw new Refusal("UNSUPPORTED_MEDIA_TYPE");
  const fields: Record<string, string> = {};
  let file: { fileName: string; bytes: number } | undefined;
  try {
    for await (const part of request.parts())
      if (part.type === "file") file = await keepFile(part, keep);
      else fields[part.fieldname] = String(part.value);
  } catch (error) {
    throw isOurs(error) ? error : new Refusal("MALFORMED_REQUEST");
  }
  if (!file) throw new Refusal("FILE_MISSING");
  return { ...file, fields };
}

async function keepFile(part: Multipart & MultipartFile, keep: (content: Readable) => Promise<number>) {
  const bytes = await keep(part.file);
  if (part.file.truncated) throw new Refusal("TOO_LARGE");
  return { fileName: withoutIdentityNumbers(basename(part.filename || "file").slice(0, 255)), bytes };
}

/** Refusals, what the plugin refuses with a status, and failures of the disk; all else is a broken form. */
function isOurs(error: unknown): boolean {
  return error instanceof Refusal || (error instanceof Error && ("statusCode" in error || "syscall" in error));
}
