import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { ENTERPRISE, eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

describe("traces, as a collector gets them", () => {
  const NUMBER = "京市监罚〔2026〕4711号";
  const OUTSIDE = { trace: "4bf92f3577b34da6a3ce929d0e0e4736", span: "00f067aa0ba902b7" };
  let world: World;
  let collector: Server;
  const received: string[] = [];
  let spans: Span[];

  before(async () => {
    collector = createServer((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        expect(request.url).to.equal("/v1/traces");
        received.push(Buffer.concat(parts).toString());
        response.setHeader("content-type", "application/json").end("{}");
      });
    });
    await new Promise<void>((ready) => collector.listen(0, "127.0.0.1", ready));
    const address = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    world = await startWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: address, BATCH_SIZE: "2", BATCH_AGE_MS: "3600000" });
    const traceparent = `00-${OUTSIDE.trace}-${OUTSIDE.span}-01`;
    const first = await world.post<RecordReference>("/api/v1/records", penalty(NUMBER), { traceparent });
    expect(first.status).to.equal(202);
    await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕4712号"));
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${first.body.id}`),
      ({ body }) => body.status === "final",
    );
    await world.get(`/api/v1/subjects/${ENTERPRISE}/history`);
    await world.restart({ OTEL_EXPORTER_OTLP_ENDPOINT: undefined });
    spans = received
      .flatMap((text) => (JSON.parse(text) as Export).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
  after(async () => {
    await world.stop();
    collector.close();
  });

  const named = (name: string) => spans.filter((span) => span.name === name);
  const parentOf = ({ parentSpanId }: Span) => spans.find(({ spanId }) => spanId === parentSpanId);

  it("lead from the block back to the request, over the outbox", () => {
    const [seal] = named("seal");
    for (const later of ["sign", "submit", "final"]) {
      const [span, ...others] = named(later);
      expect(others, later).to.deep.equal([]);
      expect(parentOf(span!)).to.equal(seal);
      expect(span!.traceId).to.equal(OUTSIDE.trace);
    }
    const ingest = parentOf(seal!)!;
    expect(ingest.name).to.equal("ingest");
    const request = parentOf(ingest)!;
    expect(request.name).to.equal("POST /api/v1/records");
    expect([request.traceId, request.parentSpanId]).to.deep.equal([OUTSIDE.trace, OUTSIDE.span]);
    expect(request.attributes.find(({ key }) => key === "http.response.status_code")!.value).to.deep.equal({
      intValue: 202,
    });
  });

  it("link a batch to the other records that it holds", () => {
    const [first, second] = named("ingest");
    const [seal] = named("seal");
    expect(second!.traceId).not.to.equal(first!.traceId);
    expect(seal!.links!.map(({ spanId }) => spanId)).to.deep.equal([second!.spanId]);
  });

  it("name no address, and hold nothing of a record or a subject", () => {
    expect(named("GET /api/v1/subjects/:uscc/history")).to.have.length(1);
    const all = received.join("\n");
    const values = Object.values(penalty(NUMBER).fields).filter(({ length }) => length > 3);
    for (const value of values) expect(all).not.to.contain(value);
    expect(all).not.to.contain(ENTERPRISE);
  });

  it("leave nothing behind when the batch is final, and write nothing when they are off", async () => {
    expect(await world.sql(`select 1 from trace_context`)).to.deep.equal([]);
    const before = received.length;
    await world.post("/api/v1/records", penalty("京市监罚〔2026〕4713号"));
    expect(await world.sql(`select 1 from trace_context`)).to.deep.equal([]);
    expect(received).to.have.length(before);
  });
});
