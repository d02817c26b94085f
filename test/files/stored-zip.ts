import { crc32, deflateRawSync } from "node:zlib";

/** A part of a test archive. What is not said is as a correct archive has it. */
export interface StoredPart {
  readonly name: string;
  readonly data: Buffer | string;
  readonly deflated?: boolean;
  readonly encrypted?: boolean;
  /** What the directory claims, instead of the truth. */
  readonly claimedSize?: number;
}

/**
 * A zip archive, written plainly and independently of the code under test: stored unless told otherwise, so that the
 * committed files do not depend on the version of zlib.
 */
export function storedZip(parts: readonly StoredPart[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const data = Buffer.from(part.data as string);
    const packed = part.deflated ? deflateRawSync(data, { level: 9 }) : data;
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(0x0800 | (part.encrypted ? 1 : 0), 2);
    header.writeUInt16LE(part.deflated ? 8 : 0, 4);
    header.writeUInt16LE(0x21, 8);
    header.writeUInt32LE(crc32(data), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(part.claimedSize ?? data.length, 18);
    header.writeUInt16LE(name.length, 22);
    bodies.push(Buffer.from("PK\x03\x04"), header, name, packed);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), header, place, name);
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}
