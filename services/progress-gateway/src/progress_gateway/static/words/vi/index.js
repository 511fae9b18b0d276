/**
 * Vietnamese, whole. Words that stay the same everywhere:
 * import = lượt nhập (verb: nhập) · row = dòng · column = cột · cell = ô · header = tiêu đề cột ·
 * sheet = trang tính · workbook = tệp Excel · file = tệp · target = đích · mapping = ghép cột ·
 * batch = lô · dry run = chạy thử · failed row = dòng lỗi · rejected = bị từ chối ·
 * written = đã ghi · healed = đã khắc phục · corrected file = tệp đã sửa · undo = hoàn tác ·
 * take back = thu hồi · retry = thử lại · share = chia sẻ · owner = chủ sở hữu · dead letter =
 * bản tin lỗi · replay = phát lại · discard = loại bỏ · audit = nhật ký · operator = người vận
 * hành · lag = độ trễ · stream = luồng.
 */

import audit from "./audit.js";
import dialog from "./dialog.js";
import errors from "./errors.js";
import finish from "./finish.js";
import letters from "./letters.js";
import lists from "./lists.js";
import newImport from "./new_import.js";
import ops from "./ops.js";
import problems from "./problems.js";
import refusals from "./refusals.js";
import run from "./run.js";
import share from "./share.js";
import shared from "./shared.js";

export default {
  ...audit,
  ...dialog,
  ...errors,
  ...finish,
  ...letters,
  ...lists,
  ...newImport,
  ...ops,
  ...problems,
  ...refusals,
  ...run,
  ...share,
  ...shared,
};
