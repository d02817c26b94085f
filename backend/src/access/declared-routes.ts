import { Injectable, type OnModuleInit } from "@nestjs/common";
import { DiscoveryService, MetadataScanner, Reflector } from "@nestjs/core";
import { PATH_METADATA } from "@nestjs/common/constants.js";
import { ALLOWED } from "./allow.ts";

/** A route without a declared action would be open or dead, and nobody would know which: there is none. */
@Injectable()
export class DeclaredRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws Error naming the routes that declare no action */
  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ instance, name }) => {
      const prototype = Object.getPrototypeOf(instance) as Record<string, (...args: unknown[]) => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((method) => this.#isUndeclaredRoute(prototype[method]!))
        .map((method) => `${name}.${method}`);
    });
    if (undeclared.length > 0)
      throw new Error(`These routes declare no action with @Allow (docs/access.md): ${undeclared.join(", ")}.`);
  }

  #isUndeclaredRoute(handler: (...args: unknown[]) => unknown): boolean {
    return (
      this.reflector.get(PATH_METADATA, handler) !== undefined && this.reflector.get(ALLOWED, handler) === undefined
    );
  }
}
