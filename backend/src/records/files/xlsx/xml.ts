import { SaxesParser } from "saxes";
import { clipped, damaged, type FileError, tooLarge } from "../file-error.ts";

export type Attributes = Readonly<Record<string, string>>;

/** What a part's reader wants to know. Names come without their namespace prefix: generators choose it freely. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
}

/** Deeper than any element of SpreadsheetML. */
const maxDepth = 64;

/**
 * Reads a part of a workbook as it arrives. Document types are refused, and with them entity expansion; nesting and the
 * distance between two tags are bounded, so that memory is, too.
 */
export class XmlReader {
  readonly #parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #part: string;
  readonly #maxGap: number;
  #gap = 0;
  #depth = 0;

  constructor(part: string, handler: XmlHandler, maxGap: number) {
    this.#part = clipped(part);
    this.#maxGap = maxGap;
    this.#parser.on("opentag", ({ name, attributes }) => {
      this.#gap = 0;
      if (++this.#depth > maxDepth) throw this.#malformed();
      handler.open(localName(name), attributes);
    });
    this.#parser.on("closetag", ({ name }) => {
      this.#gap = 0;
      this.#depth--;
      handler.close(localName(name));
    });
    this.#parser.on("text", (text) => handler.text(text));
    this.#parser.on("cdata", (text) => handler.text(text));
    for (const event of ["doctype", "error"] as const) {
      this.#parser.on(event, () => {
        throw this.#malformed();
      });
    }
  }

  /** @throws FileError FILE_DAMAGED, TOO_LARGE; what the handler throws */
  write(chunk: Buffer): void {
    this.#gap += chunk.length;
    this.#parser.write(this.#decoded(chunk, true));
    if (this.#gap > this.#maxGap)
      throw tooLarge(`${this.#part} 中有过长的内容`, `${this.#part} holds an overlong value`);
  }

  end(): void {
    this.#parser.write(this.#decoded(Buffer.alloc(0), false)).close();
  }

  #decoded(chunk: Buffer, stream: boolean): string {
    try {
      return this.#decoder.decode(chunk, { stream });
    } catch {
      throw this.#malformed();
    }
  }

  #malformed(): FileError {
    return damaged(`${this.#part} 不是有效的 XML`, `${this.#part} is not valid XML`);
  }
}

/** Reads a whole part. */
export async function readXml(
  part: string,
  chunks: AsyncIterable<Buffer>,
  handler: XmlHandler,
  maxGap: number,
): Promise<void> {
  const reader = new XmlReader(part, handler, maxGap);
  for await (const chunk of chunks) reader.write(chunk);
  reader.end();
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** An attribute by its local name; a workbook's `r:id` may carry any prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  return attributes[name] ?? attributes[Object.keys(attributes).find((key) => localName(key) === name) ?? ""];
}
