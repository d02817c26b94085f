import { Controller, Get, Header } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { Metrics } from "./metrics.ts";

@ApiExcludeController()
@Controller("metrics")
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** For Prometheus. */
  @Get()
  @Header("content-type", "text/plain; version=0.0.4; charset=utf-8")
  show(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
