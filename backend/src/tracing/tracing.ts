import { AsyncLocalStorage } from "node:async_hooks";
import { Injectable, type OnApplicationShutdown } from "@nestjs/common";
import type { Link, SpanContext } from "@opentelemetry/api";
import type { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/** What a span may say: names, counts and codes. Nothing of a record's content, nothing of a subject. */
export type Attributes = Readonly<Record<string, string | number>>;

/** A piece of work under way. */
export interface OpenSpan {
  /** As others refer to it: a `traceparent` (W3C Trace Context §3.2). */
  readonly context: string;
  end(more?: Attributes): void;
}

interface Exporting {
  readonly api: typeof import("@opentelemetry/api");
  readonly provider: NodeTracerProvider;
}

/**
 * Traces from request to block, sent to an OpenTelemetry collector; off unless its address is set, and then not even loaded.
 * What happens later, in another process, refers to what went before by the `traceparent` that is kept beside it.
 */
@Injectable()
export class Tracing implements OnApplicationShutdown {
  readonly #exporting: Exporting | null;
  readonly #current = new AsyncLocalStorage<string>();

  private constructor(exporting: Exporting | null) {
    this.#exporting = exporting;
  }

  /** @param endpoint base address of an OTLP/HTTP receiver; undefined: nothing is traced */
  static async to(endpoint: string | undefined): Promise<Tracing> {
    if (endpoint === undefined) return new Tracing(null);
    const [api, { BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
    ]);
    const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` });
    const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    return new Tracing({ api, provider });
  }

  get isOn(): boolean {
    return this.#exporting !== null;
  }

  /** The span that the present work belongs to. */
  get current(): string | undefined {
    return this.#current.getStore();
  }

  /** Runs `work` as part of a span. */
  within<T>(span: OpenSpan, work: () => T): T {
    return this.#current.run(span.context, work);
  }

  /**
   * Begins a span that follows from the first of `causes` and is linked to the others; undefined while tracing is off.
   * @param causes `traceparent` texts; what is none is left out
   */
  begin(name: string, causes: readonly (string | undefined)[], attributes: Attributes = {}): OpenSpan | undefined {
    if (!this.#exporting) return undefined;
    const { api, provider } = this.#exporting;
    const [parent, ...others] = causes.flatMap((cause) => contextOf(cause) ?? []);
    const links: Link[] = others.map((context) => ({ context }));
    const root = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
    const span = provider.getTracer("quanlian").startSpan(name, { attributes, links }, root);
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      context: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
      end: (more = {}) => {
        span.setAttributes(more);
        span.end();
      },
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#exporting?.provider.shutdown();
  }
}

function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId!)) return undefined;
  return { traceId, spanId: spanId!, traceFlags: parseInt(flags!, 16), isRemote: true };
}
