import { type Hex, type Kind, proveStream, type Subject, streamKey } from "@quanlian/proof";
import { Inject, Injectable } from "@nestjs/common";
import type { EntityManager } from "typeorm";
import { fromHex, toHex } from "../database/bytea.ts";
import { PLATFORM_KEYS, type PlatformKeys } from "../departments/key-file.ts";
import { libsodium } from "./libsodium.ts";
import { SubjectIndex } from "./subject-index.ts";

/** Whose stream, of which kind, in which year. */
export interface Stream {
  readonly subject: Subject;
  readonly kind: Kind;
  readonly year: number;
}

/** A stream by the name under which it is stored. */
interface NamedStream extends Stream {
  readonly clear: Stream;
}

/** Derives stream keys with the platform's VRF secret and remembers them: a subject's second record costs no curve work. */
@Injectable()
export class StreamKeys {
  readonly #secret: Uint8Array;

  constructor(
    @Inject(PLATFORM_KEYS) keys: PlatformKeys,
    private readonly subjects: SubjectIndex,
  ) {
    this.#secret = keys.vrfSecret;
  }

  derive({ subject, kind, year }: Stream): Hex {
    return streamKey(this.#secret, subject, kind, year, libsodium);
  }

  /** A stream key with the 80-byte proof that it is the only one there can be (some milliseconds of work). */
  prove({ subject, kind, year }: Stream): { streamKey: Hex; proof: Hex } {
    return proveStream(this.#secret, subject, kind, year);
  }

  /** The stream keys of many streams, in their order. */
  async keysOf(streams: readonly Stream[], manager: EntityManager): Promise<Hex[]> {
    const named = streams.map((stream) => this.#named(stream));
    const wanted = new Map(named.map((stream) => [nameOf(stream), stream]));
    const known = await this.#load([...wanted.values()], manager);
    const fresh = [...wanted].filter(([name]) => !known.has(name)).map(([name, stream]) => ({ name, stream }));
    const derived = fresh.map(({ name, stream }) => ({ name, stream, key: this.derive(stream.clear) }));
    await this.#save(derived, manager);
    for (const { name, key } of derived) known.set(name, key);
    return named.map((stream) => known.get(nameOf(stream))!);
  }

  /** As it is stored: a person under a blind index. */
  #named(stream: Stream): NamedStream {
    const { subject, kind, year } = stream;
    return { subject: this.subjects.stored(subject), kind, year, clear: stream };
  }

  async #load(streams: readonly Stream[], manager: EntityManager): Promise<Map<string, Hex>> {
    const rows: { subject_type: Subject["type"]; subject_id: string; kind: Kind; year: number; stream_key: Buffer }[] =
      await manager.query(
        `select s.* from unnest($1::text[], $2::text[], $3::smallint[], $4::smallint[]) as w(subject_type, subject_id, kind, year)
         join stream s using (subject_type, subject_id, kind, year)`,
        columnsOf(streams),
      );
    return new Map(
      rows.map((row) => [
        nameOf({ subject: { type: row.subject_type, id: row.subject_id }, kind: row.kind, year: row.year }),
        toHex(row.stream_key),
      ]),
    );
  }

  async #save(derived: readonly { stream: Stream; key: Hex }[], manager: EntityManager): Promise<void> {
    if (derived.length === 0) return;
    const sorted = derived.toSorted((a, b) => (nameOf(a.stream) < nameOf(b.stream) ? -1 : 1));
    await manager.query(
      `insert into stream (subject_type, subject_id, kind, year, stream_key)
       select * from unnest($1::text[], $2::text[], $3::smallint[], $4::smallint[], $5::bytea[]) on conflict do nothing`,
      [...columnsOf(sorted.map(({ stream }) => stream)), sorted.map(({ key }) => fromHex(key))],
    );
  }
}

function columnsOf(streams: readonly Stream[]): unknown[][] {
  return [
    streams.map(({ subject }) => subject.type),
    streams.map(({ subject }) => subject.id),
    streams.map(({ kind }) => kind),
    streams.map(({ year }) => year),
  ];
}

function nameOf({ subject, kind, year }: Stream): string {
  return `${subject.type} ${subject.id} ${kind} ${year}`;
}
