import { Controller, Get } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { Allow } from "../access/allow.ts";
import { DepartmentsService } from "./departments.service.ts";

const DepartmentAnswer = z
  .object({
    uscc: z.string(),
    name: z.object({ zh: z.string(), en: z.string() }),
    area: z.string(),
    capabilities: z.array(z.int()).meta({ description: "Kinds 1 to 5; 15 is REVIEW" }),
    registered: z.boolean(),
    stoppedBecause: z.string().nullable(),
  })
  .meta({ id: "Department" });

@ApiTags("departments")
@Controller("api/v1/departments")
export class DepartmentsController {
  constructor(private readonly departments: DepartmentsService) {}

  @Get()
  @Allow("department.list")
  @ApiOkResponse({ standardSchema: z.array(DepartmentAnswer) })
  async list(): Promise<z.infer<typeof DepartmentAnswer>[]> {
    return (await this.departments.all()).map((department) => ({
      uscc: department.uscc,
      name: { zh: department.nameZh, en: department.nameEn },
      area: department.area,
      capabilities: Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (department.capabilities >> bit) & 1),
      registered: department.registeredAt !== null,
      stoppedBecause: department.stoppedBecause,
    }));
  }
}
