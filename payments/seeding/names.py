"""Generated names: ordinary ones, names with a middle dot, names with characters that GBK cannot write."""

from random import Random

MALE, FEMALE = "1", "2"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "皇甫")
MALE_GIVEN = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林国建志文海山峰成东新荣生"
FEMALE_GIVEN = "芳娜敏静丽艳娟霞玲桂英梅琳素云莲真雪荣爱妹香月莺媛红春菊兰凤洁燕莉珍贞莲秀惠慧巧美婷"
DOTTED_FIRST = (
    "买买提",
    "阿依古丽",
    "帕尔哈提",
    "古丽娜尔",
    "艾山",
    "热依汗",
    "库尔班",
    "玛依努尔",
    "吐尔逊",
    "迪丽拜尔",
)
DOTTED_LAST = (
    "艾力",
    "吐尔逊",
    "买买提",
    "依明",
    "卡德尔",
    "阿布都拉",
    "尼牙孜",
    "托合提",
    "沙吾提",
    "热合曼",
)
RARE = "䶮𠮷㛃㭎𬍛𬱟𬘭𣲗㐂𬸚𪻐𫍯𥔲㙦𬭎"
"""Extension A and beyond: four bytes each in GB18030, absent from GBK."""


def full_name(draw: Random, gender: str, surname: str | None = None) -> str:
    """A name of 2 to 4 characters; ``surname`` keeps it in a family."""
    if surname is None:
        roll = draw.random()
        surname = _one(draw, DOUBLE_SURNAMES) if roll < 0.01 else _one(draw, SURNAMES)
    given = MALE_GIVEN if gender == MALE else FEMALE_GIVEN
    first = _one(draw, given)
    return surname + first + (_one(draw, given) if draw.random() < 0.75 else "")


def dotted_name(draw: Random) -> str:
    """A name of two parts with U+00B7 between them."""
    return f"{_one(draw, DOTTED_FIRST)}·{_one(draw, DOTTED_LAST)}"


def rare_name(draw: Random, gender: str) -> str:
    """A name one of whose characters GBK does not have."""
    return full_name(draw, gender)[:-1] + _one(draw, RARE)


def surname_of(name: str) -> str | None:
    """The family name, None for a name with a middle dot."""
    if "·" in name:
        return None
    return name[:2] if name[:2] in DOUBLE_SURNAMES else name[:1]


def _one(draw: Random, options: str | tuple[str, ...]) -> str:
    return options[int(draw.random() * len(options))]
