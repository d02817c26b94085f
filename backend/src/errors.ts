/** One entry of the closed list: the HTTP status, and what a reader is told, in Chinese and in English. */
export interface ErrorText {
  readonly status: number;
  readonly zh: string;
  readonly en: string;
}

/**
 * The closed list of everything the service can refuse, from a malformed request to one cell of an imported file.
 * A code never changes its meaning; the wording may. Row and field problems carry 422 so that a single record sent
 * as JSON and a row of a file are refused in the same words.
 */
const list = {
  // The request itself
  MALFORMED_REQUEST: { status: 400, zh: "请求格式不正确", en: "The request is not well formed" },
  MALFORMED_JSON: { status: 400, zh: "JSON 格式不正确", en: "The body is not valid JSON" },
  DUPLICATE_KEY: { status: 400, zh: "JSON 中有重复的字段名", en: "The JSON names the same member twice" },
  TOO_DEEP: { status: 400, zh: "JSON 嵌套层次过深", en: "The JSON is nested too deeply" },
  NOT_UTF8: { status: 400, zh: "内容不是有效的 UTF-8 编码", en: "The body is not valid UTF-8" },
  INVALID_PARAMETER: { status: 400, zh: "参数不正确", en: "A parameter is not valid" },
  NOT_FOUND: { status: 404, zh: "未找到", en: "Nothing was found here" },
  REQUEST_TIMEOUT: { status: 408, zh: "请求超时", en: "The request took too long to arrive" },
  TOO_LARGE: { status: 413, zh: "内容超过允许的大小", en: "The content is larger than allowed" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, zh: "不支持的内容类型", en: "The content type is not supported" },
  URI_TOO_LONG: { status: 414, zh: "网址过长", en: "The address is too long" },
  HEADERS_TOO_LARGE: { status: 431, zh: "请求头过大", en: "The request headers are too large" },

  // Who asks
  UNAUTHENTICATED: { status: 401, zh: "请先登录或出示访问令牌", en: "Log in, or send an access token" },
  TOKEN_INVALID: { status: 401, zh: "访问令牌无效或已过期", en: "The access token is not valid, or no longer" },
  RATE_LIMITED: { status: 429, zh: "请求过于频繁，请稍后再试", en: "Too many requests; try again later" },
  FORBIDDEN: { status: 403, zh: "没有权限", en: "You may not do this" },
  LOGIN_FAILED: { status: 401, zh: "登录没有完成，请重新登录", en: "The login was not completed; log in again" },
  LOGIN_NOT_OFFERED: { status: 404, zh: "本站未开通登录", en: "This site offers no login" },
  LOGOUT_INVALID: { status: 400, zh: "退出通知无效", en: "The notice of logout is not valid" },
  CROSS_SITE_REQUEST: {
    status: 403,
    zh: "该请求不是从本站页面发出的",
    en: "The request was not sent by this site's own pages",
  },
  SESSION_NOT_FOUND: { status: 404, zh: "没有这次登录", en: "There is no such session" },
  IDENTITY_UNAVAILABLE: { status: 503, zh: "身份认证服务暂不可用", en: "The identity provider does not answer" },

  // Records
  RECORD_NOT_FOUND: { status: 404, zh: "没有这条记录", en: "There is no such record" },
  RECORD_ERASED: {
    status: 410,
    zh: "该记录的个人信息已依法删除",
    en: "The personal content of this record was erased as the law asks",
  },
  ERASURE_BLOCKED: {
    status: 409,
    zh: "该部门有未处理完的导入或待复核的提交，其中可能含有应删除的信息；请先处理",
    en: "Imports or submissions of this department that still wait may hold what is to be erased; settle them first",
  },
  NOTHING_PERSONAL: {
    status: 409,
    zh: "该记录不含个人信息，无可删除",
    en: "The record holds nothing personal that could be erased",
  },
  CONTENT_UNREADABLE: {
    status: 503,
    zh: "存储的内容无法解密，请联系运维",
    en: "The stored content cannot be decrypted; an integrity run names the cause",
  },
  KMS_UNAVAILABLE: {
    status: 503,
    zh: "密钥管理服务暂不可用",
    en: "The key management service does not answer",
  },
  RECORD_INVALID: { status: 422, zh: "记录内容不符合要求", en: "The record does not meet its type's rules" },
  TYPE_NOT_FOUND: { status: 404, zh: "没有这种记录类型", en: "There is no such record type" },
  TYPE_UNKNOWN: { status: 422, zh: "未知的记录类型", en: "The record type is not known" },
  DEPARTMENT_UNKNOWN: { status: 422, zh: "未登记的部门", en: "The department is not registered" },
  DEPARTMENT_NOT_CAPABLE: { status: 422, zh: "该部门无权提交此类记录", en: "The department may not submit this kind" },
  DEPARTMENT_STOPPED: {
    status: 503,
    zh: "该部门的上链因异常已停止，请联系运维",
    en: "This department has been stopped, by an alarm or by the operator",
  },
  KEYS_SELF_HELD: {
    status: 409,
    zh: "该部门自行保管密钥，须提交已签名的声明",
    en: "This department keeps its own keys: it submits signed statements",
  },
  STATEMENT_INVALID: { status: 422, zh: "声明不完整或被改动", en: "The statement is damaged or altered" },
  STATEMENT_KEY_UNKNOWN: {
    status: 422,
    zh: "声明不是用该部门现行有效的密钥签名的",
    en: "The statement is not signed with a key of this department that is good today",
  },
  STATEMENT_NOT_NORMAL: {
    status: 422,
    zh: "声明中的内容不是规范写法",
    en: "The statement does not hold its values in the normal form",
  },
  SIGNED_IN_FUTURE: { status: 422, zh: "声明的签名时间晚于现在", en: "The statement was signed in the future" },
  NOTHING_TO_SIGN: {
    status: 404,
    zh: "没有等待该部门签名的这一项",
    en: "There is nothing of this name that the department has to sign",
  },
  SIGNED_CONTENT_DIFFERS: {
    status: 409,
    zh: "签名所针对的内容与封存的内容不一致",
    en: "What was signed is not what is sealed",
  },
  SIGNATURE_WRONG: {
    status: 422,
    zh: "不是该部门签名人的签名",
    en: "Not a signature of the department's signer",
  },
  NUMBER_CONFLICT: {
    status: 409,
    zh: "同一文号已有内容不同的记录；更正须注明被更正的记录",
    en: "This document number is already on record with different content; a correction must cite what it supersedes",
  },
  SUPERSEDES_UNKNOWN: {
    status: 409,
    zh: "所取代的记录不存在，或不是该文号的最新版本",
    en: "The record to supersede is not there, or not the latest version of its document number",
  },
  ALREADY_SUPERSEDED: {
    status: 409,
    zh: "该记录已被更正、撤销、修复或撤销决定取代",
    en: "The record has been superseded already",
  },
  REVIEW_REQUIRED: {
    status: 403,
    zh: "取代其他部门的记录须有复议、审判或修复职权",
    en: "Only a department with the power of review may supersede another department's record",
  },
  REASON_MISSING: {
    status: 422,
    zh: "取代另一文号的记录须说明理由",
    en: "Superseding a record of another number needs a reason",
  },
  REASON_UNFIT: {
    status: 422,
    zh: "信用修复须以信用修复记录作出",
    en: "Only a record of credit repair can repair",
  },
  SUPERSEDES_OTHER_SUBJECT: {
    status: 422,
    zh: "所取代的记录属于其他主体",
    en: "The superseded record is about another subject",
  },
  IDEMPOTENCY_KEY_INVALID: { status: 400, zh: "Idempotency-Key 不正确", en: "The Idempotency-Key is not valid" },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    zh: "该 Idempotency-Key 已用于另一条记录",
    en: "This Idempotency-Key was used for another record",
  },
  NOT_FINAL: { status: 409, zh: "记录尚未最终上链，暂无回执", en: "The record is not final on the chain yet" },
  LINK_CYCLE: {
    status: 422,
    zh: "所关联的记录已直接或间接关联本记录",
    en: "What the record cites already cites it, directly or through others",
  },
  LINK_TO_SELF: { status: 422, zh: "记录不能关联自身", en: "A record cannot cite itself" },

  SUBMISSION_NOT_FOUND: { status: 404, zh: "没有这件待复核的提交", en: "There is no such submission" },
  SUBMISSION_DECIDED: {
    status: 409,
    zh: "该提交已作出另一决定",
    en: "Another decision on this submission was made before",
  },
  SAME_PERSON: {
    status: 403,
    zh: "提交人不能复核自己提交的内容",
    en: "Whoever submitted it cannot decide about it",
  },
  SEPARATION_OF_DUTIES: {
    status: 403,
    zh: "有权提交的人不能决定是否需要复核",
    en: "Whoever may submit cannot decide whether a second person is needed",
  },

  // Acting for an enterprise
  DELEGATION_NOT_FOUND: { status: 404, zh: "没有这项授权", en: "There is no such delegation" },
  DELEGATION_PAST: { status: 422, zh: "授权截止日期已过", en: "The day until which it would hold is past" },

  // Columns, values and the rules of a record type
  COLUMN_MISSING: { status: 422, zh: "缺少必需的列", en: "A required column is missing" },
  COLUMN_DUPLICATE: { status: 422, zh: "同一内容出现在两列", en: "Two columns hold the same item" },
  COLUMN_UNKNOWN: { status: 422, zh: "不认识的列或数据项", en: "This column or member is not known" },
  VALUE_MISSING: { status: 422, zh: "必填项为空", en: "A required value is empty" },
  VALUE_TOO_LONG: { status: 422, zh: "内容超过规定长度", en: "The value is longer than allowed" },
  VALUE_NOT_TEXT: { status: 422, zh: "此处应为文字或数字", en: "A text or a number is expected here" },
  VALUE_NOT_IN_LIST: { status: 422, zh: "取值不在规定的代码表内", en: "The value is not in the prescribed list" },
  VALUE_MALFORMED: { status: 422, zh: "格式不符合规定", en: "The value does not have the prescribed form" },
  VALUE_UNPRINTABLE: { status: 422, zh: "含有控制字符或乱码", en: "The value holds control characters or broken text" },
  VALUE_LOST_DIGITS: { status: 422, zh: "号码已被电子表格改成科学计数法", en: "A spreadsheet has rounded this number" },
  USCC_MALFORMED: { status: 422, zh: "统一社会信用代码格式不正确", en: "Not a unified social credit code" },
  USCC_CHECK_FAILED: {
    status: 422,
    zh: "统一社会信用代码校验位不正确",
    en: "The credit code's check character is wrong",
  },
  USCC_ORGANISATION_CHECK: {
    status: 422,
    zh: "代码中的组织机构代码校验位不正确",
    en: "The organisation code inside the credit code fails its check",
  },
  AREA_UNKNOWN: { status: 422, zh: "行政区划代码不在代码表内", en: "The area code is not in the list of areas" },
  PERSON_ID_MALFORMED: { status: 422, zh: "证件号码格式不正确", en: "The certificate number has a wrong form" },
  PERSON_ID_CHECK_FAILED: {
    status: 422,
    zh: "身份证号码校验位不正确",
    en: "The identity number's check digit is wrong",
  },
  PERSON_ID_IN_CLEAR: {
    status: 422,
    zh: "该项不得含有个人证件号码",
    en: "A person's certificate number must not stand in this item",
  },
  AMOUNT_MALFORMED: { status: 422, zh: "金额格式不正确", en: "Not an amount of money" },
  AMOUNT_TOO_PRECISE: { status: 422, zh: "金额小于一分", en: "The amount has fractions of a fen" },
  AMOUNT_TOO_LARGE: { status: 422, zh: "金额过大", en: "The amount is too large" },
  DATE_UNREADABLE: { status: 422, zh: "日期无法识别", en: "Not a readable date" },
  DATE_IMPOSSIBLE: { status: 422, zh: "日历上没有这一天", en: "There is no such day in the calendar" },
  DATE_OUT_OF_RANGE: { status: 422, zh: "日期超出合理范围", en: "The date is outside the plausible range" },
  DATE_INDEFINITE: { status: 422, zh: "此处不能填“长期”", en: "An indefinite date is not allowed here" },
  DATE_IN_FUTURE: { status: 422, zh: "日期晚于今天", en: "The date lies in the future" },
  DATES_OUT_OF_ORDER: { status: 422, zh: "日期先后颠倒", en: "The dates are in the wrong order" },
  DOCUMENT_NUMBER_MALFORMED: { status: 422, zh: "文书号格式不正确", en: "Not a document number" },
  SUBJECT_MISSING: { status: 422, zh: "无法确定行政相对人", en: "The record does not say whom it is about" },
  SUBJECT_AMBIGUOUS: { status: 422, zh: "行政相对人前后矛盾", en: "The record names its subject in two ways" },
  DEPARTMENT_MISSING: { status: 422, zh: "没有作出机关的代码", en: "The deciding department's code is missing" },
  LINK_MALFORMED: { status: 422, zh: "关联信息不正确", en: "Not a valid link" },
  LOCAL_FIELD_INVALID: { status: 422, zh: "本地扩展项不符合登记的结构", en: "A local field does not fit its schema" },
  LOCAL_SCHEMA_INVALID: { status: 422, zh: "不是可用的 JSON Schema", en: "Not a JSON Schema that can be checked" },
  OFFICERS_FEWER_THAN_TWO: { status: 422, zh: "执法人员少于两人", en: "Fewer than two officers are named" },

  DEPARTMENT_MISMATCH: {
    status: 422,
    zh: "作出机关不是导入部门",
    en: "The deciding department is not the one that imports",
  },

  // Imports
  IMPORT_NOT_FOUND: { status: 404, zh: "没有这次导入", en: "There is no such import" },
  MAPPING_NOT_FOUND: { status: 404, zh: "没有这个列对照", en: "There is no such column mapping" },
  FILE_MISSING: { status: 400, zh: "缺少上传文件", en: "The upload holds no file" },
  FIELD_MISSING: { status: 400, zh: "缺少必填的表单项", en: "A required form field is missing" },

  // Files
  FILE_EMPTY: { status: 422, zh: "文件中没有数据", en: "The file holds no data" },
  FILE_NOT_A_TABLE: { status: 415, zh: "不是可以读取的表格文件", en: "Not a table that can be read" },
  FILE_OLD_EXCEL: { status: 415, zh: "旧版 Excel 格式（.xls 或 .xlsb）", en: "An old Excel format (.xls or .xlsb)" },
  FILE_IS_WEB_PAGE: {
    status: 415,
    zh: "文件名是表格，内容却是网页或 XML",
    en: "It is called a spreadsheet but holds a web page or XML",
  },
  FILE_ENCRYPTED: { status: 422, zh: "文件设有密码", en: "The file is protected by a password" },
  FILE_DAMAGED: { status: 422, zh: "文件已损坏或不完整", en: "The file is damaged or incomplete" },
  FILE_EXPANDS_TOO_FAR: {
    status: 413,
    zh: "文件解压后超过允许的大小",
    en: "The file expands beyond the allowed size when decompressed",
  },
  FILE_ENCODING_UNSUPPORTED: { status: 422, zh: "文字编码不受支持", en: "The text encoding is not supported" },
  FILE_ENCODING_MIXED: { status: 422, zh: "文件中混有两种文字编码", en: "The file mixes two text encodings" },
  FILE_NOT_BY_LINE: { status: 422, zh: "JSON 不是每行一条记录", en: "The JSON is not one record a line" },
  LINE_TOO_LONG: { status: 422, zh: "有一行过长", en: "A line is too long" },
  QUOTE_NOT_CLOSED: { status: 422, zh: "引号没有闭合", en: "A quotation mark is never closed" },
  QUOTE_MISPLACED: { status: 422, zh: "引号的位置不正确", en: "A quotation mark stands in the wrong place" },
  SHEETS_AMBIGUOUS: { status: 422, zh: "有不止一张含数据的工作表", en: "More than one sheet holds data" },
  HEADINGS_NOT_FOUND: { status: 422, zh: "找不到表头", en: "No headings were found" },
  TYPE_AMBIGUOUS: { status: 422, zh: "表头符合不止一类记录", en: "The headings fit more than one record type" },
  CELL_MERGED: { status: 422, zh: "数据行中有合并单元格", en: "Merged cells among the data" },
  CELL_FORMULA: { status: 422, zh: "单元格是公式，不是填写的内容", en: "The cell holds a formula, not a value" },
  CELL_ERROR: { status: 422, zh: "单元格显示错误值", en: "The cell shows an error" },
  CELL_WITHOUT_HEADING: {
    status: 422,
    zh: "内容所在的列没有表头",
    en: "The value stands in a column without a heading",
  },
  ROW_UNEVEN: {
    status: 422,
    zh: "该行与表头的列数不一致",
    en: "The row and the headings differ in their number of cells",
  },
  NUMBER_INEXACT: {
    status: 422,
    zh: "数字的位数过多，无法精确保存",
    en: "The number has more digits than can be kept exactly",
  },

  // Open data
  OPEN_DATA_NOT_FOUND: { status: 404, zh: "没有这份开放数据", en: "There is no such open data" },

  // Two contents under one number
  EQUIVOCATION_NOT_FOUND: { status: 404, zh: "没有这项一号多文", en: "There is no such equivocation" },
  DIFFERENCE_NOT_SHOWN: {
    status: 409,
    zh: "不同之处不在您可见的内容之内，或两次签署所用公钥不同",
    en: "What differs is not yours to see, or the two were signed with different keys",
  },

  // Certificates
  CERTIFICATE_NOT_FOUND: { status: 404, zh: "没有这份证明", en: "There is no such certificate" },
  CERTIFICATE_NOT_READY: { status: 409, zh: "证明尚未出具", en: "The certificate is not finished" },
  CERTIFICATE_TOO_LARGE: {
    status: 422,
    zh: "记录过多，请缩短期间或减少类别",
    en: "There are too many records: ask for a shorter period or fewer kinds",
  },
  PERIOD_NOT_COVERED: {
    status: 422,
    zh: "所求期间超出链上状态所及的日期",
    en: "The period reaches beyond the day up to which the chain can speak",
  },
  NOT_CLEAN: {
    status: 409,
    zh: "所求期间内有仍然有效的处罚、强制或失信记录，不能出具无违法失信证明",
    en: "Enforcement or a negative credit record within the period still stands, so no clean record can be certified",
  },

  // Integrity, subjects, chain
  RUN_NOT_FOUND: { status: 404, zh: "没有这次核对", en: "There is no such integrity run" },
  SUBJECT_INVALID: { status: 400, zh: "统一社会信用代码不正确", en: "The subject code is not valid" },
  CURSOR_INVALID: { status: 400, zh: "分页位置不正确", en: "The page cursor is not valid" },
  FOREIGN_RECORD_NOT_FOUND: { status: 404, zh: "没有这条跨地区记录", en: "There is no such record of another region" },
  RECEIPT_UNFIT: {
    status: 422,
    zh: "不是信任名单上其他地区关于该主体的有效回执",
    en: "Not a receipt about this subject from a ledger on the trust list",
  },
  FOREIGN_RECORDS_FULL: {
    status: 409,
    zh: "该主体附上的其他地区记录已达上限",
    en: "No more records of other regions can be brought to this subject",
  },
  PAPER_NOT_RENEWABLE: {
    status: 422,
    zh: "该文件未通过核验，不能续证",
    en: "The paper does not pass verification: it cannot be renewed",
  },
  PAPER_OUTDATED: {
    status: 409,
    zh: "证明出具后情况已有变化，请重新申请",
    en: "Something was recorded since the certificate was made: ask for a new one",
  },
  PAPER_WITHOUT_SEALS: {
    status: 409,
    zh: "该链的区块没有可核验的验证节点签章，其最终性须询问节点，无从续证",
    en: "The blocks of this paper's chain carry no seals that can be checked: their finality rests on asking a node",
  },
  RPC_METHOD_NOT_ALLOWED: { status: 403, zh: "不允许的链上查询", en: "This chain query is not allowed" },

  RPC_REFUSED: { status: 422, zh: "节点拒绝了这项查询", en: "The node refused this query" },

  // Webhooks
  WEBHOOK_NOT_FOUND: { status: 404, zh: "没有这个通知地址", en: "There is no such webhook" },
  DESTINATION_UNFIT: {
    status: 422,
    zh: "不能向该地址发送通知：须为 https，且为公开地址",
    en: "No message may be sent there: a destination is a public address by https",
  },
  WEBHOOKS_TOO_MANY: { status: 422, zh: "通知地址过多", en: "There are too many webhooks of this owner" },

  // The service
  OVERLOADED: { status: 503, zh: "系统繁忙，请稍后再试", en: "The service is busy; try again shortly" },
  ANCHORING_STALLED: {
    status: 503,
    zh: "上链停滞，暂不接收新记录",
    en: "Anchoring is stalled, so no new records are accepted",
  },
  CHAIN_UNAVAILABLE: { status: 503, zh: "区块链节点暂不可用", en: "The chain is not reachable at the moment" },
  UNAVAILABLE: { status: 503, zh: "服务暂不可用", en: "The service is not available at the moment" },
  INTERNAL: { status: 500, zh: "系统内部错误", en: "Something went wrong inside the service" },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof list;

export const ERRORS: Readonly<Record<ErrorCode, ErrorText>> = list;
