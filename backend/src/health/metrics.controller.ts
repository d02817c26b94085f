import { Controller, Get, Header } from "@nestjs/common";
import { ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import { Allow } from "../access/allow.ts";
import { Metrics } from "./metrics.ts";

@ApiTags("health")
@Controller("metrics")
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** For Prometheus. */
  @Get()
  @Allow("metrics.read")
  @ApiProduces("text/plain")
  @ApiOkResponse({ schema: { type: "string" } })
  @Header("content-type", "text/plain; version=0.0.4; charset=utf-8")
  show(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
