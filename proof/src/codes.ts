/** One language's wording of a code: what was found, and what the reader should do now. */
export interface Wording {
  readonly meaning: string;
  readonly advice: string;
}

interface CodeEntry {
  readonly zh: Wording;
  readonly en: Wording;
}

function say(zh: string, zhAdvice: string, en: string, enAdvice: string): CodeEntry {
  return { zh: { meaning: zh, advice: zhAdvice }, en: { meaning: en, advice: enAdvice } };
}

const ASK_ISSUER = [
  "请向出具单位重新索取文件，并保留现有文件备查。",
  "Ask whoever gave you the file for a fresh one, and keep this one.",
] as const;
const DO_NOT_RELY = [
  "请勿采信；保留文件，并向作出记录的部门核实。",
  "Do not rely on it; keep the file and ask the department named in it.",
] as const;
const TRY_AGAIN = ["请稍后再试，或换一个节点。", "Try again later, or ask another node."] as const;

/**
 * The closed list of what a step can find. `OK` belongs to a passed step; the codes of the second group mean "not decided";
 * those of the third mean "refused". A code never changes its meaning; new ones may be added at the end of a group.
 */
export const CODES = {
  OK: say("核对一致。", "", "Checked and in order.", ""),

  CHAIN_NOT_CONSULTED: say(
    "没有联网查询链，只核对了文件本身。",
    "联网后再核验一次，即可得出完整结论。",
    "The chain was not asked; only the file itself was checked.",
    "Verify again with network access for a full answer.",
  ),
  CHAIN_NOT_TRUSTED: say(
    "该文件所属的链不在您的信任名单中。",
    "向发布单位核实其链信息，确认后加入信任名单再核验。",
    "The chain this file belongs to is not on your trust list.",
    "Confirm that chain with its publisher, add it to your list, and verify again.",
  ),
  CHAIN_UNREACHABLE: say("无法从节点取得可用的回答。", TRY_AGAIN[0], "The node gave no usable answer.", TRY_AGAIN[1]),
  WRONG_CHAIN: say(
    "所连接的节点属于另一条链。",
    "请连接信任名单中该链的节点。",
    "The node that was asked belongs to another chain.",
    "Connect to a node of the chain on your trust list.",
  ),
  STATE_UNAVAILABLE: say(
    "无法得知该区块当时的链上状态：节点已不保存，或文件所附证明未包含。",
    "请换用归档节点，或请出具单位换发新证明。",
    "The state of that block is not to be had: the node no longer keeps it, or the enclosed proof does not hold it.",
    "Ask an archive node, or have the certificate issued afresh.",
  ),
  NOT_FINAL: say(
    "已提交上链，但尚未最终确认。",
    "请稍后再核验。",
    "Submitted to the chain but not final yet.",
    "Verify again in a while.",
  ),
  SUITE_UNAVAILABLE: say(
    "本核验程序未装载该密码套件。",
    "请使用支持该套件的核验程序。",
    "This verifier was started without the cipher suite of the file.",
    "Use a verifier that has that suite.",
  ),
  VERSION_UNKNOWN: say(
    "本核验程序不认识的文件形式或版本。",
    "请升级核验程序，或核对文件是否正确。",
    "A form or version that this verifier does not know.",
    "Update the verifier, or check that this is the right file.",
  ),
  VALIDATORS_UNKNOWN: say(
    "信任名单没有列出为该区块签章的验证节点：名单可能过期，文件也可能属于另一条链。",
    "请从发布单位取得最新的信任名单再核验；在此之前请勿采信。",
    "The trust list does not name the validators that sealed this block: the list may be out of date, or the file of another chain.",
    "Get the current trust list from its publisher and verify again; do not rely on the file until then.",
  ),
  NOT_CHECKED: say("因前面的步骤未通过，此项未核对。", "", "Not checked, because an earlier step did not pass.", ""),

  TOO_LARGE: say("文件过大，未予读取。", ASK_ISSUER[0], "The file is too large and was not read.", ASK_ISSUER[1]),
  MALFORMED: say(
    "文件格式不符合规范，可能损坏、截断或被改动。",
    ASK_ISSUER[0],
    "The file is not in the published form: damaged, cut off or edited.",
    ASK_ISSUER[1],
  ),
  SUITE_MISMATCH: say(
    "文件声明的密码套件与签名所用的不一致。",
    DO_NOT_RELY[0],
    "The file names one cipher suite but its signature uses another.",
    DO_NOT_RELY[1],
  ),
  STATEMENT_MALFORMED: say(
    "部门签署的声明格式不符合规范。",
    DO_NOT_RELY[0],
    "The department's statement is not in the published form.",
    DO_NOT_RELY[1],
  ),
  FIELD_ALTERED: say(
    "有字段与部门签署的内容不符，已被改动。",
    DO_NOT_RELY[0],
    "A field differs from what the department signed: it was altered.",
    DO_NOT_RELY[1],
  ),
  NOT_CANONICAL: say(
    "内容的排列不是唯一规定的形式。",
    ASK_ISSUER[0],
    "The parts are not in the one order that the form allows.",
    ASK_ISSUER[1],
  ),
  SIGNATURE_INVALID: say("部门签名无效。", DO_NOT_RELY[0], "The department's signature is not valid.", DO_NOT_RELY[1]),
  KEY_MISMATCH: say(
    "所附公钥不是签名所指的公钥。",
    DO_NOT_RELY[0],
    "The enclosed key is not the one the signature names.",
    DO_NOT_RELY[1],
  ),
  KEY_NOT_AUTHORISED: say(
    "上链时该公钥未获授权用于该部门的此类记录，或已被撤销。",
    DO_NOT_RELY[0],
    "When the record was anchored this key was not authorised for the department and kind, or is revoked since.",
    DO_NOT_RELY[1],
  ),
  DEPARTMENT_MISMATCH: say(
    "声明的部门与上链批次的部门不一致。",
    DO_NOT_RELY[0],
    "The statement and the batch name different departments.",
    DO_NOT_RELY[1],
  ),
  KIND_MISMATCH: say(
    "声明的类别与上链批次的类别不一致。",
    DO_NOT_RELY[0],
    "The statement and the batch are of different kinds.",
    DO_NOT_RELY[1],
  ),
  YEAR_MISMATCH: say(
    "年度与事件日期或上链批次不一致。",
    DO_NOT_RELY[0],
    "The year disagrees with the date of the event or with the batch.",
    DO_NOT_RELY[1],
  ),
  NOT_IN_BATCH: say(
    "该记录不在所称的批次中。",
    DO_NOT_RELY[0],
    "The record is not in the batch it claims.",
    DO_NOT_RELY[1],
  ),
  BATCH_UNKNOWN: say("链上没有这个批次。", DO_NOT_RELY[0], "The ledger has no such batch.", DO_NOT_RELY[1]),
  ROOT_MISMATCH: say(
    "链上该批次的根与文件不一致。",
    DO_NOT_RELY[0],
    "The ledger holds another root for this batch.",
    DO_NOT_RELY[1],
  ),
  BATCH_MISMATCH: say(
    "链上该批次的类别、年度、数量或时间与文件不一致。",
    DO_NOT_RELY[0],
    "The ledger holds another kind, year, count or time for this batch.",
    DO_NOT_RELY[1],
  ),
  BLOCK_MISMATCH: say(
    "区块的哈希或时间与文件不一致。",
    DO_NOT_RELY[0],
    "The block has another hash or time than the file says.",
    DO_NOT_RELY[1],
  ),
  TRANSACTION_MISMATCH: say(
    "所称的交易不存在、失败，或不在该区块。",
    DO_NOT_RELY[0],
    "The transaction does not exist, failed, or is in another block.",
    DO_NOT_RELY[1],
  ),
  EVENT_MISMATCH: say(
    "交易中的事件不是该批次的上链事件。",
    DO_NOT_RELY[0],
    "The event in the transaction is not the anchoring of this batch.",
    DO_NOT_RELY[1],
  ),
  TIME_IMPLAUSIBLE: say(
    "事件、签署、上链和当前时间的先后不合理。",
    "请核对本机时间；若时间无误，请勿采信。",
    "Event, signing, anchoring and present time are in an impossible order.",
    "Check this computer's clock; if it is right, do not rely on the file.",
  ),
  SUPERSEDED: say(
    "记录真实，但之后已被更正、撤销或修复，不再有效。",
    "请索取最新的记录或证明。",
    "The record is genuine but was corrected, withdrawn or repaired later: it no longer stands.",
    "Ask for the record or certificate that is current.",
  ),

  HISTORY_INCOMPLETE: say(
    "证明缺少所称类别或年度的内容。",
    "请要求出具完整的证明。",
    "The certificate lacks a kind or year that it claims to cover.",
    "Ask for a complete certificate.",
  ),
  PERIOD_NOT_COVERED: say(
    "所称期间超出了链上状态的时间。",
    "请要求出具覆盖该期间的证明。",
    "The period reaches beyond the time of the chain state.",
    "Ask for a certificate that covers the period.",
  ),
  STREAM_PROOF_INVALID: say(
    "主体与链上流的对应证明无效。",
    DO_NOT_RELY[0],
    "The proof that ties the subject to its stream is not valid.",
    DO_NOT_RELY[1],
  ),
  PAIR_OUTSIDE_BUCKET: say(
    "证明混入了其他桶的内容。",
    DO_NOT_RELY[0],
    "The certificate mixes in pairs of another bucket.",
    DO_NOT_RELY[1],
  ),
  HEAD_MISMATCH: say(
    "所列内容与链上累计值不符：有遗漏、增加、调换或替换。",
    DO_NOT_RELY[0],
    "The pairs do not fold to the head on chain: one was dropped, added, moved or replaced.",
    DO_NOT_RELY[1],
  ),
  RECORD_NOT_IN_STREAM: say(
    "所示记录不在该主体的流中。",
    DO_NOT_RELY[0],
    "A record shown is not in the streams of this subject.",
    DO_NOT_RELY[1],
  ),
  SUBJECT_MISMATCH: say(
    "所示记录属于其他主体。",
    DO_NOT_RELY[0],
    "A record shown is about another subject.",
    DO_NOT_RELY[1],
  ),
  SUPERSESSION_MISMATCH: say(
    "所列更正、撤销或修复情况与链上不符。",
    DO_NOT_RELY[0],
    "What the certificate says was corrected, withdrawn or repaired differs from the chain.",
    DO_NOT_RELY[1],
  ),
  NOT_CLEAN: say(
    "期间内存在未撤销、未修复的执法或失信记录。",
    "“无违法违规”不成立。",
    "Within the period there is an enforcement or negative credit record that still stands.",
    "The claim of a clean record does not hold.",
  ),
  RECORD_WITHHELD: say(
    "流中有记录未出示，无法排除其属于期间内的不良记录。",
    "请要求出示该记录的部门、类型和日期。",
    "The stream holds a record that is not shown, so it cannot be ruled out.",
    "Ask for that record's department, type and date to be shown.",
  ),
  MISCONDUCT_NOT_SHOWN: say(
    "回执与证明不能说明记录放错了流。",
    "请核对两份文件是否属于同一主体、类别和年度。",
    "Receipt and certificate do not show that the record was put into a wrong stream.",
    "Check that both are about the same subject, kind and year.",
  ),
  FINALITY_PROOF_INVALID: say(
    "所附的最终性证明不成立：区块未经足够的验证节点签章，或内容与区块不符。",
    DO_NOT_RELY[0],
    "The enclosed proof of finality does not hold: too few validators sealed the block, or the content is not the block's.",
    DO_NOT_RELY[1],
  ),
  EQUIVOCATION_NOT_SHOWN: say(
    "两份声明不能说明同一文号有两种内容：可能是更正，或未出示文号、关联记录和不同之处。",
    "请核对两份声明是否出自同一部门、类型和文号，并出示文号、关联记录和不同之处。",
    "The two statements do not show two contents under one number: it may be a correction, or number, links or the difference are not shown.",
    "Check that both are of one department, type and number and show the number, the links and what differs.",
  ),
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;
