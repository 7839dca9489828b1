"""What people write in the cells of the messy sheet, with what it says, or why it says nothing."""

from __future__ import annotations

from datetime import date

COUNTRIES = {
    "CH": ("Switzerland", "CH", "Suisse"), "KE": ("Kenya", "KE"), "IT": ("Italy", "Italie"),
    "TR": ("Türkiye", "Turkey"),
    "UY": ("Uruguay",), "CA": ("Canada",), "TH": ("Thailand",), "JP": ("Japan",), "ID": ("Indonesia",),
    "AE": ("United Arab Emirates",), "US": ("United States",), "CO": ("Colombia",), "PA": ("Panama", "Panamá"),
    "UZ": ("Uzbekistan",), "BE": ("Belgium",), "CN": ("China", "中国"), "GH": ("Ghana",), "AZ": ("Azerbaijan",),
    "KR": ("South Korea",), "NL": ("Netherlands",), "FR": ("France",), "CL": ("Chile",), "BW": ("Botswana",),
    "BR": ("Brazil", "Brasil"), "IN": ("India",), "DE": ("Germany",), "MN": ("Mongolia",), "AM": ("Armenia",),
    "ET": ("Ethiopia",),
}  # fmt: skip
TYPING_ERRORS = {"Geneva": ("Genva", "Genevva"), "Nairobi": ("Nairobbi", "Nairboi"), "Bangkok": ("Bankok",)}
FORMATS = {
    "in-person": ("In person", "in-person", "Face-to-face"),
    "online": ("Online", "Virtual"),
    "hybrid": ("Hybrid",),
}
# Official names of meetings in two languages whose letters are no Latin ones.
OTHER_LANGUAGES = {
    "BC COP-17": ("ar", "الاجتماع السابع عشر لمؤتمر الأطراف في اتفاقية بازل"),
    "RC COP-12": ("zh", "鹿特丹公约缔约方大会第十二次会议"),
    "SC COP-12": ("zh", "斯德哥尔摩公约缔约方大会第十二次会议"),
    "MC COP-6": ("ar", "الاجتماع السادس لمؤتمر الأطراف في اتفاقية ميناماتا بشأن الزئبق"),
    "MC COP-5": ("zh", "关于汞的水俣公约缔约方大会第五次会议"),
    "UNEA-6": ("zh", "联合国环境大会第六届会议"),
    "UNEA-7": ("ar", "الدورة السابعة لجمعية الأمم المتحدة للبيئة"),
    "POPRC-20": ("zh", "持久性有机污染物审查委员会第二十次会议"),
    "POPRC-21": ("ar", "الاجتماع الحادي والعشرون للجنة استعراض الملوثات العضوية الثابتة"),
    "CRC-20": ("ar", "الاجتماع العشرون للجنة استعراض المواد الكيميائية"),
}
VAGUE = [
    ("November 2027 (TBC)", ("2027-11-01", "2027-11-30", "month"), "tentative"),
    ("second quarter of 2027", ("2027-04-01", "2027-06-30", "quarter"), ""),
    ("Q2 2027", ("2027-04-01", "2027-06-30", "quarter"), ""),
    ("3rd quarter 2028", ("2028-07-01", "2028-09-30", "quarter"), ""),
    ("2027", ("2027-01-01", "2027-12-31", "year"), ""),
    ("early 2027", ("2027-01-01", "2027-12-31", "words"), ""),
    ("late 2028", ("2028-01-01", "2028-12-31", "words"), ""),
    ("mid-2027", ("2027-01-01", "2027-12-31", "words"), ""),
    ("TBC", ("", "", "words"), "tentative"),
    ("to be confirmed", ("", "", "words"), "tentative"),
    ("TBD", ("", "", "words"), "tentative"),
    ("à confirmer", ("", "", "words"), "tentative"),
    ("يحدد لاحقا", ("", "", "words"), "tentative"),
    ("待定", ("", "", "words"), "tentative"),
    ("back to back with the COPs", ("", "", "words"), ""),
    ("October-December 2027", ("2027-10-01", "2027-12-31", "month"), ""),
    ("Nov 2027", ("2027-11-01", "2027-11-30", "month"), ""),
    ("mars 2028", ("2028-03-01", "2028-03-31", "month"), ""),
    ("2027年4月", ("2027-04-01", "2027-04-30", "month"), ""),
    ("2027-2028", ("2027-01-01", "2028-12-31", "year"), ""),
    ("December 2027 – January 2028", ("2027-12-01", "2028-01-31", "month"), ""),
]
# What nobody can know, with the words that the reason has to have.
IMPOSSIBLE = [
    ({"Dates": "3-7 November"}, ["year"]),
    ({"Dates": "7 and 8 February"}, ["year"]),
    ({"Dates": "9 December, 1pm to 3pm CET"}, ["9 December"]),
    ({"Dates": "28-31 November 2027"}, ["31 November 2027"]),
    ({"Dates": "9-5 May 2027"}, ["9-5 May 2027"]),
    ({"Dates": "3-5 and 10-12 May 2027"}, ["3-5 and 10-12 May 2027"]),
    ({"Dates": "03/11/27"}, ["year"]),
    ({"Dates": None}, ["date"]),
    ({"Dates": "3 Novembre 2O27"}, ["3 Novembre 2O27"]),
    ({"Dates": "21 October to 1 November 2027 (Cali) and 25 to 27 February 2028 (Rome)"}, ["21 October"]),
    ({"Type of meeting": "Retreat"}, ["Retreat"]),
    ({"Participants": "#REF!"}, ["#REF!"]),
    ({"MEA": "Basell"}, ["Basell"]),
    ({"Title of meeting": None}, ["title"]),
    ({"Title of meeting": "   "}, ["title"]),
    ({"Country": "Atlantis"}, ["Atlantis"]),
    ({"Dates": date(2027, 5, 14), "Until": date(2027, 5, 10)}, ["before"]),
    ({"Dates": "14/05/2027", "Until": "sometime"}, ["sometime"]),
    ({"Dates": "week of 10 May 2027"}, ["week of 10 May 2027"]),
    ({"Web page": "see intranet"}, ["see intranet"]),
]
