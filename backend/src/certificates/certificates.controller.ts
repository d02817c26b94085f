import { Body, Controller, Get, Header, HttpCode, Param, Post, StreamableFile } from "@nestjs/common";
import { ApiAcceptedResponse, ApiOkResponse, ApiProduces, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { CertificateAnswer, CertificateDocument, NewCertificate } from "./certificates.schemas.ts";
import { CertificatesService } from "./certificates.service.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** Orders and certificates are encrypted at rest. */
const SEALED = ["CONTENT_UNREADABLE", "KMS_UNAVAILABLE"] as const;

@ApiTags("certificates")
@Controller("api/v1/certificates")
export class CertificatesController {
  constructor(private readonly certificates: CertificatesService) {}

  /** Asks for a certificate: everything on record about somebody, that nothing adverse is, or single records. */
  @Post()
  @Allow("certificate.request", "handler")
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: CertificateAnswer })
  @ApiProblems(
    ...JSON_PROBLEMS,
    "SUBJECT_INVALID",
    "PERIOD_NOT_COVERED",
    "RECORD_NOT_FOUND",
    "CHAIN_UNAVAILABLE",
    ...SEALED,
  )
  submit(
    @Body({ schema: NewCertificate }) asked: NewCertificate,
    @AccessOf() access: Access,
  ): Promise<CertificateAnswer> {
    return this.certificates.submit(asked, access);
  }

  /** The certificate whose code stands on a paper that one holds. */
  @Get("by-code/:code")
  @Allow("certificate.check")
  @Header("content-type", JSON_TYPE)
  @ApiOkResponse({ standardSchema: CertificateDocument })
  @ApiProblems("CERTIFICATE_NOT_FOUND", ...SEALED)
  byCode(@Param("code") code: string): Promise<string> {
    return this.certificates.documentByCode(code);
  }

  /** How far it is. */
  @Get(":id")
  @Allow("certificate.read", "certificate")
  @ApiOkResponse({ standardSchema: CertificateAnswer })
  @ApiProblems("INVALID_PARAMETER", "CERTIFICATE_NOT_FOUND", ...SEALED)
  show(@Param("id", { schema: Id }) id: string): Promise<CertificateAnswer> {
    return this.certificates.show(id);
  }

  /** The certificate as a file that anybody can verify without this service. */
  @Get(":id/document")
  @Allow("certificate.read", "certificate")
  @Header("content-type", JSON_TYPE)
  @ApiOkResponse({ standardSchema: CertificateDocument })
  @ApiProblems("INVALID_PARAMETER", "CERTIFICATE_NOT_FOUND", "CERTIFICATE_NOT_READY", ...SEALED)
  document(@Param("id", { schema: Id }) id: string): Promise<string> {
    return this.certificates.document(id);
  }

  /** The certificate on paper, with a code that leads back to the file. */
  @Get(":id/pdf")
  @Allow("certificate.read", "certificate")
  @ApiProduces("application/pdf")
  @ApiOkResponse({ schema: { type: "string", format: "binary" } })
  @ApiProblems("INVALID_PARAMETER", "CERTIFICATE_NOT_FOUND", "CERTIFICATE_NOT_READY", ...SEALED)
  async pdf(@Param("id", { schema: Id }) id: string): Promise<StreamableFile> {
    const disposition = `inline; filename="certificate-${id}.pdf"`;
    return new StreamableFile(await this.certificates.pdf(id), { type: "application/pdf", disposition });
  }
}
