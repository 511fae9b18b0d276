/** Vietnamese: what every dialog says. */

export default {
  "dialog.cancel": "Hủy bỏ",
  "dialog.close": "Đóng",
  "dialog.type": "Gõ “{word}” để xác nhận",
};
