import type { Json } from "../records/types/record-type.ts";

// What the OpenAPI document says in words and shows by example. A test walks the document: every operation has a summary,
// every JSON body an example that fits its schema, and nothing here names what is not there.

/** By operation: what it does, in Chinese and English. */
export const SUMMARIES: Readonly<Record<string, string>> = {
  SearchController_find: "查询记录 · Find records",
  StatementsController_submit: "提交部门自行签名的声明 · Take in a record that its department has signed",
  SignaturesController_batches: "待签批次 · The batch that waits for a department's signature",
  SignaturesController_signBatch: "提交批次签名 · Sign a batch",
  SignaturesController_supersessions: "待签的更正与撤销 · The supersessions that wait for a department's signature",
  SignaturesController_signSupersession: "提交更正或撤销的签名 · Sign a supersession",
  SearchController_export: "导出全部记录及回执 · Export all records with their receipts",
  RecordsController_submit: "提交一条记录 · Take one record in",
  RecordsController_submitLines: "逐行提交记录 · Take records in line by line",
  RecordsController_show: "查看记录 · Show a record",
  ErasuresController_erase: "删除个人信息 · Erase what is personal in a record",
  RecordsController_receipt: "下载回执 · The receipt that proves a record",
  EquivocationsController_ofRecord: "一号多文清单 · Other contents offered under a record's number",
  EquivocationsController_document: "下载一号多文证明 · The proof of two contents under one number",
  VerificationController_verify: "核验回执或证明 · Verify a receipt or certificate",
  VerificationController_renew: "续证：以当前区块重新证明 · Renew a paper's proof",
  VerificationController_list: "信任清单 · The trust list",
  VerificationController_ask: "链上只读查询 · Ask the chain, read only",
  ImportsController_submit: "导入文件 · Import a file of records",
  ImportsController_show: "导入进度 · How far an import is",
  ImportsController_errors: "未导入的行 · The rows that were not taken in",
  ColumnMappingsController_list: "列对照清单 · A department's column mappings",
  ColumnMappingsController_save: "保存列对照 · Save a column mapping",
  ColumnMappingsController_forget: "删除列对照 · Forget a column mapping",
  TypesController_list: "记录类型 · The record types",
  TypesController_schema: "记录类型的结构 · The JSON Schema of a type",
  TypesController_template: "下载导入模板 · The template of a type",
  LocalFieldsController_list: "本地扩展项 · A department's own fields",
  LocalFieldsController_register: "登记本地扩展项 · Register a department's own fields",
  GraphController_ofRecord: "记录的关联图 · The case graph of a record",
  GraphController_ofSubject: "主体的关联图 · The case graph of a subject",
  RegionsController_show: "地区内的部门 · The departments of an area",
  RegionsController_attach: "附上其他地区的记录 · Bring a record of another region",
  RegionsController_of: "其他地区的记录 · Records of other regions",
  RegionsController_remove: "移除其他地区的记录 · Take a record of another region away",
  GraphController_broken: "断链清单 · Citations that nothing answers",
  HistoryController_show: "主体的全链条历史 · The history of a subject",
  HistoryController_identity: "主体的名称与承继沿革 · Names, predecessors and successors of a subject",
  IntegrityController_request: "发起完整性核对 · Ask for an integrity run",
  IntegrityController_show: "完整性核对结果 · An integrity run",
  CertificatesController_submit: "申请证明 · Order a certificate",
  CertificatesController_byCode: "凭查验码取证明 · A certificate by its code",
  CertificatesController_show: "证明制作进度 · How far a certificate is",
  CertificatesController_document: "下载证明文件 · The certificate as a document",
  CertificatesController_pdf: "下载证明纸质版 · The certificate on paper",
  OpenDataController_show: "开放数据文件 · A file of the open data",
  DepartmentsController_list: "部门清单 · The departments",
  AccessLogController_show: "谁查过我 · Who has read what about an enterprise",
  AccessLogController_export: "导出查阅记录 · Every entry of it, as a file",
  AccessLogController_check: "核对查阅记录 · Whether the log of reading is whole",
  LoginController_begin: "登录 · Log in",
  LoginController_complete: "登录返回 · Where a login comes back",
  LoginController_logout: "退出登录 · Log out",
  LoginController_logoutEverywhere: "全部退出 · Log out everywhere",
  LoginController_loggedOutThere: "接收身份认证服务的退出通知 · The identity provider's notice of logout",
  MeController_show: "我是谁 · Who asks",
  MeController_list: "我的登录 · One's own sessions",
  MeController_end: "结束一次登录 · End one of one's own sessions",
  ReviewController_list: "待复核清单 · What waits for a second person",
  ReviewController_show: "待复核的提交 · A submission",
  ReviewController_approve: "复核通过 · Approve a submission",
  ReviewController_refuse: "复核不通过 · Refuse a submission",
  ReviewController_rule: "是否须二人复核 · Whether a second person is needed",
  ReviewController_require: "设定二人复核 · Require a second person",
  DelegationsController_grant: "授权他人代办 · Let somebody act for an enterprise",
  DelegationsController_list: "授权清单 · What an enterprise has let others do",
  DelegationsController_revoke: "撤回授权 · Take a delegation back",
  HealthController_live: "存活检查 · Whether the process lives",
  HealthController_ready: "就绪检查 · Whether it can work",
  WebhooksController_register: "登记通知地址 · Register a webhook",
  WebhooksController_list: "通知地址清单 · One's webhooks",
  WebhooksController_show: "查看通知地址 · A webhook",
  WebhooksController_change: "修改或停用通知地址 · Change a webhook, or switch it off",
  WebhooksController_forget: "删除通知地址 · Forget a webhook",
  WebhooksController_rotate: "更换签名密钥 · A new secret for a webhook",
  WebhooksController_sent: "通知发送情况 · What was sent to a webhook",
  WebhooksController_replay: "重新发送通知 · Send messages again",
  MetricsController_show: "监控指标 · Metrics for Prometheus",
};

const id = "01933b5e-7d1a-7c3e-9f00-3c5a1b2d4e6f";
const recordHash = `0x${"5f".repeat(32)}`;
const department = "11110000MB9D0005X4";
const subject = { type: "uscc", id: "91110108MA9D00013X" };
const subjectName = "京海示例科技有限公司";
const number = "京市监罚〔2026〕101号";
const type = "enforcement.penalty/1";
const fields = { subject, subjectName, number, eventTime: "2026-03-02", links: [], penaltyKinds: ["罚款"] };
const record = { id, recordHash, status: "final", type, kind: 4, department, subject, subjectName, number, version: 1 };
const brief = { id, kind: 4, type, department, number, version: 1, eventTime: "2026-03-02", recordHash };
const registered = { ...brief, kind: 1, type: "approval.registration/1", number: "京市监登〔2026〕12号" };
const standing = {
  publication: { published: true, until: "2027-03-02", repairableFrom: "2026-06-02" },
  objected: false,
};
const label = { zh: "行政处罚", en: "Administrative penalty" };
const basis = { zh: "依据", en: "Basis" };
const columns = { 决定书编号: "行政处罚决定书文号", 企业名称: "行政相对人名称" };
const schema = {
  type: "object",
  properties: { 网格编号: { type: "string", maxLength: 8 }, 从业人数: { type: "integer", minimum: 0 } },
  required: ["网格编号"],
};
const trusted = { chainId: 20260401, genesisHash: `0x${"a1".repeat(32)}`, ledger: `0x${"c3".repeat(20)}` };

const foreignRecord = {
  id: "0190d0a0-0000-7000-8000-000000000000",
  origin: {
    region: { zh: "示例省", en: "Example Province" },
    chainId: 4242,
    ledger: `0x${"ab".repeat(20)}`,
  },
  recordHash: `0x${"ab".repeat(32)}`,
  type: "enforcement.penalty/1",
  department: "11110000MB9D0005X4",
  verdict: "valid",
  code: "OK",
  anchoredAt: 1_790_000_010,
  disclosed: { number: "京示罚〔2026〕1号" },
  attachedAt: "2026-11-23T02:00:00.000Z",
};

const session = {
  ...{ id, createdAt: "2026-03-02T08:00:00.000Z", seenAt: "2026-03-02T08:05:00.000Z" },
  ...{ endsAt: "2026-03-02T16:00:00.000Z", idleEndsAt: "2026-03-02T08:35:00.000Z", isThisOne: true },
};

const webhook = {
  ...{ id, for: { owner: "department", code: department }, url: "https://receiver.example/quanlian", active: true },
  ...{ events: ["records.final", "finding"], failingSince: null, createdAt: "2026-03-02T08:00:00.000Z" },
};

const newRecord = { type, department, fields: { 行政处罚决定书文号: "京市监罚（2026）101号", 处罚类别: "罚款" } };
const submission = {
  ...{ id, department, state: "waiting", submittedBy: "officer", submittedAt: "2026-03-02T08:00:00.000Z" },
  ...{ decidedBy: null, decidedAt: null, reason: null, content: newRecord, import: null, record: null },
};

const delegation = {
  ...{ id, subject: subject.id, delegate: "agent", powers: ["view", "certify"], until: "2026-12-31T16:00:00.000Z" },
  ...{ grantedBy: "lin", grantedAt: "2026-03-02T08:00:00.000Z", revokedAt: null },
};

/** By schema of the document: a value of it. All codes are fictitious. */
export const EXAMPLES: Readonly<Record<string, Json>> = {
  NewRecord: {
    type,
    department,
    fields: {
      行政相对人名称: subjectName,
      行政相对人类别: "法人及非法人组织",
      统一社会信用代码: subject.id,
      行政处罚决定书文号: "京市监罚（2026）101号",
      处罚类别: "罚款",
      "罚款金额（万元）": "0.5",
      处罚决定日期: "2026/03/02",
    },
  },
  NewStatement: { statement: "eyJhbGciOiJFUzI1NiJ9…~", reason: "correction" },
  UnsignedBatches: {
    batches: [
      {
        ...{ department, kind: 4, year: 2026, sequence: 7, chainId: 20260401, ledger: `0x${"c3".repeat(20)}` },
        entries: [
          {
            statement: "eyJhbGciOiJFUzI1NiJ9…~",
            statementKey: {
              kty: "EC",
              crv: "P-256",
              x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
              y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            },
            streamKey: `0x${"7e".repeat(32)}`,
            proof: `0x${"8d".repeat(80)}`,
          },
        ],
      },
    ],
  },
  BatchSignature: { kind: 4, year: 2026, entriesHash: recordHash, signature: `0x${"1b".repeat(65)}` },
  UnsignedSupersessions: {
    supersessions: [
      {
        ...{ department, recordHash, by: department, successor: `0x${"6f".repeat(32)}`, reason: 1 },
        ...{ chainId: 20260401, ledger: `0x${"c3".repeat(20)}` },
      },
    ],
  },
  SupersessionSignature: { signature: `0x${"1b".repeat(65)}` },
  LineAnswer: { line: 1, created: true, id, recordHash, status: "received" },
  RecordReference: { id, recordHash, status: "received" },
  Record: {
    ...record,
    eventTime: "2026-03-02",
    signedAt: 1772438400,
    anchoredAt: 1772438412,
    batch: { sequence: 7, index: 0 },
    supersededBy: null,
    ...standing,
    fields,
  },
  FoundRecord: { ...record, eventTime: "2026-03-02", anchoredAt: 1772438412 },
  SearchResult: { records: [{ ...record, eventTime: "2026-03-02", anchoredAt: 1772438412 }], next: null },
  NewErasure: { reason: "retention-ended" },
  Erasure: { record: id, reason: "retention-ended", actor: "officer-7", erasedAt: "2026-10-12T03:00:00.000Z" },
  Receipt: { format: "quanlian-receipt/1", suite: "ES256-SHA256-KECCAK", statement: "eyJhbGciOiJFUzI1NiJ9…~" },
  Equivocations: {
    equivocations: [{ id, stored: recordHash, offered: `0x${"60".repeat(32)}`, foundAt: "2026-03-02T08:00:00.000Z" }],
  },
  Equivocation: {
    format: "quanlian-equivocation/1",
    suite: "ES256-SHA256-KECCAK",
    statements: ["eyJhbGciOiJFUzI1NiJ9…~"],
  },
  Certificate: { format: "quanlian-certificate/1" },
  Verdict: {
    verdict: "invalid",
    format: "quanlian-receipt/1",
    steps: [{ step: "statement", outcome: "failed", code: "FIELD_ALTERED", field: "fineAmount", evidence: {} }],
    clocks: { eventTime: null, signedAt: 1772438400, anchoredAt: null },
    disclosed: {},
  },
  RenewedPaper: { format: "quanlian-receipt/1", suite: "ES256-SHA256-KECCAK", statement: "eyJhbGciOiJFUzI1NiJ9…~" },
  TrustList: { format: "quanlian-trust/1", name: "京海市", issuedAt: 1772438400, chains: [trusted] },
  RpcRequest: { jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: ["0x10", false] },
  RpcAnswer: { jsonrpc: "2.0", id: 1, result: { number: "0x10" } },
  Import: {
    ...{ id, department, type, fileName: "行政处罚.xlsx", bytes: 48210, dryRun: false, mapping: {} },
    ...{ status: "done", rowsRead: 120, accepted: 117, duplicates: 2, rejected: 1 },
    notes: [
      {
        code: "FOOTER_SKIPPED",
        zh: "第123行是表尾或合计，未读取",
        en: "Row 123 is a footer or a total; it was not read",
      },
    ],
    failure: null,
    createdAt: "2026-03-02T08:00:00.000Z",
    finishedAt: "2026-03-02T08:00:01.200Z",
  },
  NewCertificate: { purpose: "history", subject, kinds: [4, 5], period: { from: "2024-01-01" } },
  CertificateJob: {
    ...{ id, code: "7K3M9Q2X5T8W", purpose: "history", subject, status: "done", done: 12, total: 12, refusal: null },
    ...{ createdAt: "2026-03-02T08:00:00.000Z", finishedAt: "2026-03-02T08:00:01.200Z" },
  },
  IntegrityRun: {
    ...{ id, status: "done", phase: "heads", asOfBlock: 4711, records: 1028, batches: 52, buckets: 310 },
    ...{ headsCompared: true, differences: 0, found: [] },
    ...{ startedAt: "2026-03-02T08:00:00.000Z", finishedAt: "2026-03-02T08:00:09.500Z" },
  },
  Readiness: { ready: true, checks: { database: { ok: true, detail: "" }, chain: { ok: true, detail: "block 4711" } } },
  NewMapping: { type, columns },
  Mapping: { name: "案件系统", type, columns },
  RecordType: { type, kind: 4, zh: "行政处罚", en: "Administrative penalty", source: "发改办财金〔2018〕424号" },
  LocalSchema: schema,
  LocalFields: { namespace: "grid", schema, registeredAt: "2026-03-02T08:00:00.000Z" },
  RecordBrief: brief,
  Link: { rel: "basis", label: basis, direction: "cites", cited: { number: "检查2026-1" }, records: [brief] },
  CaseGraph: { nodes: [{ ...brief, label }], edges: [{ from: id, to: id, rel: "basis", label: basis }], next: null },
  Region: {
    area: "110000",
    departments: [
      {
        uscc: "11110000MB9D0005X4",
        name: { zh: "京海市市场监督管理局", en: "Jinghai market regulation" },
        area: "110000",
        level: "province",
        anchored: { "4": 12 },
      },
    ],
  },
  ForeignRecord: foreignRecord,
  ForeignRecords: { records: [foreignRecord] },
  BrokenLinks: {
    links: [
      {
        ...{ record: brief, rel: "basis", label: basis, cited: { number: "检查2026-1" } },
        receivedAt: "2026-03-02T08:00:00.000Z",
      },
    ],
    next: null,
  },
  History: {
    subject,
    records: [
      {
        ...brief,
        label,
        subject: subject.id,
        subjectName,
        status: "final",
        anchoredAt: 1772438412,
        supersededBy: null,
        ...standing,
        fields,
        links: [],
        origin: null,
      },
    ],
    next: null,
  },
  Identity: {
    subject,
    names: [{ name: subjectName, from: "2026-03-02", to: null, record: registered }],
    relatives: [
      {
        ...{ subject: "91110105MA9D00021D", relation: "predecessor", of: subject.id },
        ...{ change: "吸收合并", on: "2026-03-02", record: registered },
      },
    ],
  },
  AccessLog: {
    entries: [
      {
        position: 42,
        at: "2026-03-05T02:00:00Z",
        role: "regulator",
        actingFor: "110000",
        action: "record.read",
        resource: id,
        purpose: "日常监管",
        terms: null,
      },
    ],
    next: null,
  },
  Me: {
    ...{ id: "lin", roles: ["enterprise", "public"], departments: [], subjects: [subject.id], areas: [], kinds: [] },
    mandates: [],
    ...{ session, login: "https://quanlian.example/auth/login" },
  },
  SubmissionReference: { submission: id, state: "waiting" },
  Submission: submission,
  Submissions: { submissions: [submission] },
  RefusalReason: { reason: "处罚金额与决定书不一致" },
  ReviewRule: { required: true },
  NewDelegation: { delegate: "agent", powers: ["view", "certify"], until: "2026-12-31" },
  Delegation: delegation,
  Delegations: { delegations: [delegation] },
  Session: session,
  Sessions: { sessions: [session] },
  LoggedOut: { providerLogout: "https://id.example/session/end?client_id=quanlian" },
  AccessLogCheck: {
    ...{ from: 1, entries: 42, broken: null },
    anchored: { entries: 40, hash: "5f".repeat(32), day: "2026-03-04", recordHash },
  },
  NewWebhook: { for: webhook.for, url: webhook.url, events: webhook.events },
  WebhookChange: { url: webhook.url, events: webhook.events, active: true },
  Webhook: webhook,
  WebhookWithSecret: { ...webhook, secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
  WebhookDelivery: {
    ...{ id, event: "records.final", state: "waiting", attempts: 2, outcome: "HTTP_503" },
    ...{ nextAt: "2026-03-02T08:00:30.000Z", createdAt: "2026-03-02T08:00:00.000Z" },
  },
  WebhookReplay: { since: "2026-03-02T00:00:00Z" },
  WebhookReplayed: { messages: 12 },
  Department: {
    ...{ uscc: department, name: { zh: "京海市市场监督管理局", en: "Jinghai market regulation" }, area: "110000" },
    ...{ capabilities: [1, 3, 4], registered: true, stoppedBecause: null },
  },
};
