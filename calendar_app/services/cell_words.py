"""What people write in a cell for a status, a format and a group of conventions, in the six languages of the UN."""

from __future__ import annotations

from calendar_app.services.text import fold

_WRITTEN = {
    ("status", "tentative"): (
        "provisional|planned|proposed|unconfirmed|not confirmed|to be confirmed|provisoire|prevu|prevue|propose"
        "|proposee|a confirmer|non confirme|non confirmee|tentativo|tentativa|previsto|prevista|propuesto|propuesta"
        "|por confirmar|sin confirmar|предварительно|предварительный|предварительная|планируется|запланировано"
        "|не подтверждено|уточняется|مؤقت|مؤقتة|مبدئي|مبدئية|مقترح|مقترحة|غير مؤكد|غير مؤكدة|قيد التأكيد|يؤكد لاحقا"
        "|سيؤكد لاحقا|暂定|待定|待确认|未确认|拟议"
    ),
    ("status", "confirmed"): (
        "confirme|confirmee|confirmado|confirmada|подтверждено|подтвержден|подтверждена|مؤكد|مؤكدة|تم التأكيد|已确认"
        "|确认|已确定"
    ),
    ("status", "postponed"): (
        "deferred|reporte|reportee|differe|differee|ajourne|ajournee|aplazado|aplazada|pospuesto|pospuesta|postergado"
        "|postergada|отложено|отложен|отложена|مؤجل|مؤجلة|تأجل|推迟|延期|已推迟|已延期"
    ),
    ("status", "cancelled"): (
        "canceled|called off|annule|annulee|cancelado|cancelada|anulado|anulada|отменено|отменен|отменена|ملغى|ملغاة"
        "|ملغي|أُلغي|取消|已取消"
    ),
    ("format", "in-person"): (
        "face to face|physical|onsite|on site|presentiel|presentielle|en presentiel|en personne|presencial|en persona"
        "|очно|очный|очная|очное|حضوري|حضورية|حضوريا|وجها لوجه|线下|现场|面对面"
    ),
    ("format", "online"): (
        "on line|virtual|virtually|webinar|remote|en ligne|virtuel|virtuelle|a distance|distanciel|en distanciel"
        "|webinaire|en linea|a distancia|remoto|remota|онлайн|дистанционно|дистанционный|дистанционная|виртуально"
        "|виртуальный|виртуальная|عبر الإنترنت|عن بعد|افتراضي|افتراضية|线上|在线|网上|远程|虚拟"
    ),
    ("format", "hybrid"): (
        "hybride|mixte|hibrido|hibrida|mixto|mixta|гибридно|гибридный|гибридная|гибридное|смешанный|смешанная|مختلط"
        "|مختلطة|هجين|هجينة|混合|混合式"
    ),
    ("date_precision", "words"): "range text",
}
_MEANT = {(column, fold(word)): code for (column, code), words in _WRITTEN.items() for word in words.split("|")}
# The three conventions that share a secretariat.
_BRS = ("basel", "rotterdam", "stockholm")
_GROUPS = {("process", name): _BRS for name in ("brs", "brs conventions", "conventions brs", "convenios brs")}


def meant(column: str, text: str) -> str:
    """Return the word of the calendar that a cell means, else the text as such words are written."""
    return _MEANT.get((column, fold(text)), text.casefold().replace(" ", "-"))


def words_for(column: str, code: str) -> frozenset[str]:
    """Return what people write for a word of the calendar, folded."""
    return frozenset({fold(code), *(word for (of, word), found in _MEANT.items() if (of, found) == (column, code))})


def members(sort: str, text: str) -> tuple[str, ...]:
    """Return the names that a name of several stands for, else the text alone."""
    return _GROUPS.get((sort, fold(text)), (text,))
