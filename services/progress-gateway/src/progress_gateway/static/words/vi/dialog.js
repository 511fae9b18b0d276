/** Vietnamese: what every dialog says. */

export default {
  "dialog.cancel": "Hủy bỏ",
  "dialog.close": "Đóng",
  "dialog.type": "Gõ “{word}” để xác nhận",
  "leave.title": "Dừng tải lên?",
  "leave.text": "Tệp vẫn đang được tải lên. Rời khỏi trang này sẽ dừng việc tải lên.",
  "leave.now": "Dừng và rời đi",
  "leave.stay": "Ở lại",
};
