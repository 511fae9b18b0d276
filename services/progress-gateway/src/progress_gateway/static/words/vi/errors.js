/** Vietnamese: bad rows and how they come back. */

export default {
  "mend.title": "Sửa các dòng lỗi",
  "mend.how": "Sửa các ô trong tệp này, giữ nguyên cột _row rồi tải lên lại: chỉ những dòng này được nhập.",
  "mend.howDry": "Hãy sửa các dòng này trong tệp của bạn trước khi nhập.",
  "mend.download": "Tải các dòng cần sửa (.xlsx)",
  "mend.upload": "Tải lên tệp đã sửa",
  "mend.sending": "Đang tải lên “{name}”…",
  "mend.accepted": "Tệp đã sửa được chấp nhận.",
  "mend.follow": "Theo dõi các dòng của tệp",
  "mend.refused": "Tệp đã sửa không được chấp nhận: {why}",
  "mend.where": "Cột",
  "mend.code": "Nguyên nhân",
  "mend.count": "Số dòng",
  "mend.rows": "Ví dụ ở dòng Excel",
};
