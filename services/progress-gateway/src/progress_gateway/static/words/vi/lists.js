/** Vietnamese: the lists of imports. */

export default {
  "imports.title": "Lượt nhập của tôi",
  "imports.recent": "Lượt nhập gần đây",
  "imports.all": "Tất cả lượt nhập của tôi",
  "imports.none": "Chưa có lượt nhập nào. Các lượt nhập của bạn sẽ hiện ở đây.",
  "imports.file": "Tệp",
  "imports.target": "Đích",
  "imports.status": "Trạng thái",
  "imports.rows": "Số dòng",
  "imports.failed": "Lỗi",
  "imports.started": "Bắt đầu",
  "imports.more": "Xem thêm",
};
