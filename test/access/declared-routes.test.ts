import "reflect-metadata";
import { Controller, Get, Module } from "@nestjs/common";
import { DiscoveryModule, NestFactory } from "@nestjs/core";
import { expect } from "chai";
import { Allow } from "../../backend/src/access/allow.ts";
import { DeclaredRoutes } from "../../backend/src/access/declared-routes.ts";

@Controller("declared")
class DeclaredController {
  @Get()
  @Allow("trust.read")
  show(): string {
    return "";
  }

  helper(): string {
    return "";
  }
}

@Controller("undeclared")
class UndeclaredController {
  @Get()
  show(): string {
    return "";
  }
}

@Module({ imports: [DiscoveryModule], controllers: [DeclaredController], providers: [DeclaredRoutes] })
class DeclaredModule {}

@Module({
  imports: [DiscoveryModule],
  controllers: [DeclaredController, UndeclaredController],
  providers: [DeclaredRoutes],
})
class UndeclaredModule {}

describe("an application", () => {
  const start = async (module: typeof DeclaredModule) => {
    const options = { logger: false as const, abortOnError: false };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
    const app = await NestFactory.createApplicationContext(module, options);
    await app.close();
  };

  it("starts when each of its routes declares what it does", () => start(DeclaredModule));

  it("does not start while one does not, and names it", async () => {
    const failure = await start(UndeclaredModule).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    expect(failure)
      .to.match(/UndeclaredController\.show\.$/)
      .and.not.include("DeclaredController.helper");
  });
});
