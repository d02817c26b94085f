import { Column, CreateDateColumn, Entity, PrimaryColumn } from "typeorm";

/** The shape of what a department adds to records under one namespace, as it registered it. */
@Entity("local_schema")
export class LocalSchemaRow {
  @PrimaryColumn({ type: "text" })
  department: string;

  @PrimaryColumn({ type: "text" })
  namespace: string;

  /** JSON Schema (2020-12) of type object. */
  @Column({ type: "jsonb" })
  schema: Record<string, unknown>;

  @CreateDateColumn({ name: "registered_at", type: "timestamptz" })
  registeredAt: Date;
}
