"""The texts sample orders are drawn from: people, articles, notes; built on first use."""

import unicodedata
from dataclasses import dataclass
from functools import cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WESTERN_GIVEN = _words(
    "Adèle Álvaro Anaïs Anders André Ángela Aoife Åsa Beatriz Björn Brontë Carl Chloé Daniël "
    "Dorothea Elżbieta Emma Eugène Florène François Gérard Grace Günther Hélène Ilse Inês Iván "
    "Jörg José Józef Jürgen Karin Łukasz Małgorzata María Mário Noël Nuño Oliver Øystein Pénélope "
    "Raúl Renée Siân Sofía Søren Thérèse Tomáš Úrsula Václav Zoë Žofia"
)
_WESTERN_FAMILY = _words(
    "Almeida Andersson Bauer Beauchêne Castañeda Červenka Côté Domínguez Dvořák Fitzgerald "
    "Fröhlich García Gonçalves Grün Håkansson Ibáñez Jørgensen Kärkkäinen Kowalczyk Königsberg "
    "Lefèvre Løvås Martínez Meyer Müller Muñoz Nørgaard Novák Núñez O'Brien Ożóg Pérez Peña "
    "Quiñones Ramírez Rossi Sánchez Schäfer Schröder Smith-Jones Sørensen Strauß Šimek Thévenet "
    "Vázquez Weiß Wójcik Yáñez Zieliński Zúñiga"
)
_VIETNAMESE_FAMILY = _words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý"
)
_VIETNAMESE_MIDDLE = _words("Thị Văn Đức Minh Ngọc Thanh Hữu Quốc Thu Xuân")
_VIETNAMESE_GIVEN = _words(
    "Ánh Bảo Bình Châu Cường Dũng Đạt Giang Hà Hằng Hiếu Hùng Hương Khánh Lâm Linh Mai Nga Nghĩa "
    "Nhung Phúc Phượng Quân Quỳnh Sơn Tâm Thảo Thịnh Thủy Trang Tuấn Tuyết Uyên Vân Vinh Yến"
)

DOMAINS = ("example.com", "example.org", "mail.example.com", "shop.example.vn")
# Weighted: as often as it stands here out of 16.
CURRENCIES = ("USD",) * 6 + ("EUR",) * 5 + ("VND",) * 2 + ("GBP",) * 2 + ("JPY",)

_SKU_FAMILIES = _words("BAG BOX CAP CUP DSK FAN GLV HAT INK JUG KEY LMP MAT NET PAN ROD")
_SKU_VARIANTS = _words("BLK BLU GRN RED L M S XL")

_NOTE_STARTS = (
    "Gift wrap, ribbon & card",
    "Call before delivery",
    "Leave at the back door",
    "Fragile: glass & porcelain",
    "Invoice to head office",
    'Size <L> not "M"',
    "Weight > 5 kg, two people",
    "Giao hàng giờ hành chính",
    "Gọi trước khi giao, cảm ơn",
    "Livrer à l'étage, s'il vous plaît",
    "Bitte nicht stürzen, zerbrechlich",
    "Repeat order, same as last month",
)
_NOTE_PLACES = ("gate", "dock", "shelf", "locker", "room", "tầng", "cửa hàng số", "étage")
_NOTE_NUMBERS = 40


@dataclass(frozen=True, slots=True)
class OrderTexts:
    """Pools to draw from."""

    # (full name, mailbox made of its last word)
    people: tuple[tuple[str, str], ...]
    skus: tuple[str, ...]
    # "" stands for an order without a note.
    notes: tuple[str, ...]


def _mailbox(name: str) -> str:
    plain = name.rsplit(maxsplit=1)[-1].lower()
    for letter, ascii_letters in (("đ", "d"), ("ø", "o"), ("ł", "l"), ("ß", "ss"), ("'", "")):
        plain = plain.replace(letter, ascii_letters)
    decomposed = unicodedata.normalize("NFD", plain)
    return decomposed.encode("ascii", "ignore").decode()


@cache
def order_texts() -> OrderTexts:
    """The pools, as a reader of the workbook sees them."""
    names = [f"{given} {family}" for given in _WESTERN_GIVEN for family in _WESTERN_FAMILY]
    names += [
        f"{family} {middle} {given}"
        for family in _VIETNAMESE_FAMILY
        for middle in _VIETNAMESE_MIDDLE
        for given in _VIETNAMESE_GIVEN
    ]
    notes = [
        f"{start}; {place} {number}"
        for start in _NOTE_STARTS
        for place in _NOTE_PLACES
        for number in range(1, _NOTE_NUMBERS + 1)
    ]
    return OrderTexts(
        people=tuple((name, _mailbox(name)) for name in names),
        skus=tuple(
            f"{family}-{number:03d}-{variant}"
            for family in _SKU_FAMILIES
            for number in range(20)
            for variant in _SKU_VARIANTS
        ),
        # Every other order has no note.
        notes=("",) * len(notes) + tuple(notes),
    )
