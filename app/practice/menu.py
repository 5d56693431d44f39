"""What pretend customers order: two menus, their notes, names and addresses, all invented, and now and then a nasty text."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

Choices = tuple[PretendOption, ...]


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish: `price` in minor units; one of each group of `choices` is taken; at most one of `extras`."""

    name: str
    price: int
    choices: tuple[Choices, ...] = ()
    extras: Choices = ()
    side: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A kitchen with the people who order there. Amounts in minor units of `currency`; `pickup` is a share of 0 to 1."""

    shop: str
    currency: str
    dishes: tuple[Dish, ...]
    allergies: tuple[str, ...]
    changes: tuple[str, ...]
    courtesies: tuple[str, ...]
    dish_notes: tuple[str, ...]
    customers: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[str, ...]
    delivery_fee: int
    packaging_fee: int
    discount_steps: tuple[int, ...]  # what the shop, and half as much the platform, takes off
    pickup: float = 0.0


def choice(*names: str, price: int = 0) -> Choices:
    """Options of which one is chosen, all at the same price."""
    return tuple(PretendOption(name, OptionKind.CHOICE, price) for name in names)


def add(name: str, price: int) -> PretendOption:
    """Something added, for `price` minor units."""
    return PretendOption(name, OptionKind.ADD, price)


def without(name: str) -> PretendOption:
    """Something left out."""
    return PretendOption(name, OptionKind.REMOVE)


HEAT = choice("不辣", "微辣", "中辣", "特辣")
HERBS = (without("不要葱"), without("不要香菜"), without("不要蒜"))

SICHUAN = Menu(
    shop="川味小馆(练习店)",
    currency="CNY",
    dishes=(
        Dish("宫保鸡丁", 3200, (HEAT,), HERBS),
        Dish("鱼香肉丝", 2800, (HEAT, choice("小份", "大份")), HERBS),
        Dish("水煮牛肉", 4800, (HEAT,), (add("加豆芽", 300), add("加宽粉", 400), *HERBS)),
        Dish("麻婆豆腐", 1800, (HEAT,), HERBS),
        Dish("回锅肉", 3400, (HEAT,), (add("加青椒", 200), *HERBS)),
        Dish("夫妻肺片", 3800, (HEAT,), HERBS),
        Dish("辣子鸡", 4200, (HEAT,), (add("加花生", 200),)),
        Dish("酸菜鱼", 5800, (HEAT, choice("黑鱼", "巴沙鱼")), (add("加娃娃菜", 500), add("加面条", 300))),
        Dish("担担面", 1600, (HEAT, choice("细面", "宽面")), (add("加煎蛋", 250), without("不要花生"))),
        Dish("红油抄手", 1800, (HEAT,), (add("加抄手(6只)", 600),)),
        Dish("钵钵鸡", 2600, (HEAT,)),
        Dish("干煸四季豆", 2200, (HEAT,)),
        Dish("米饭", 200, side=True),
        Dish("冰粉", 800, (), (add("加醪糟", 200),), side=True),
        Dish("酸梅汤", 600, (choice("常温", "加冰"),), side=True),
        Dish("王老吉", 500, side=True),
    ),
    allergies=("花生过敏,请千万不要放花生", "对海鲜过敏", "鸡蛋过敏!!", "孩子对牛奶过敏,谢谢留意"),
    changes=("少放辣", "多加醋", "米饭换成面条,有差价联系我", "少油少盐", "不要一次性餐具", "餐具2份", "汤和饭分开装"),
    courtesies=("放门口就行,谢谢", "麻烦快一点,下午要开会", "辛苦啦", "到了打电话,别敲门,宝宝在睡觉", "祝生意兴隆"),
    dish_notes=("切小块", "煮软一点", "多放花椒", "少放香油"),
    customers=("张(先生)", "李(女士)", "王(先生)", "欧阳(女士)", "刘(先生)", "陈(女士)", "赵(先生)", "司徒(先生)"),
    phones=("17012345678,6021", "17012345679,1187", "17012345680,3305", "17012345681,9420"),
    addresses=(
        "练习路18号 清风大厦 1201室",
        "样板街66号 梧桐小区 3栋2单元501",
        "示例大道9号 云起中心 B座 27层",
        "虚构巷2号 青年公寓 608",
        "练习路101号 第三医院住院部 7楼",
    ),
    delivery_fee=400,
    packaging_fee=200,
    discount_steps=(0, 0, 300, 500, 800),
)

BROTH = choice("Tonkotsu", "Shōyu", "Miso rouge")
SIZE = (*choice("Petite"), *choice("Grande", price=250))

NOODLES_AND_PIZZA = Menu(
    shop="Comptoir Ramen & Pizza (exercice)",
    currency="EUR",
    dishes=(
        Dish("Ramen maison", 1290, (BROTH,), (add("Œuf mariné", 150), add("Chāshū en plus", 350), without("Oignons verts"))),
        Dish("Ramen végétarien", 1190, (), (add("Tofu grillé", 200), without("Sésame"))),
        Dish("Tantanmen épicé", 1350, (choice("Doux", "Moyen", "Très fort"),), (without("Cacahuètes"),)),
        Dish("Gyoza au poulet (6 pièces)", 690, (), (add("Sauce ponzu", 50),)),
        Dish("Karaage, sauce à l'ail", 790, (), (without("Ail"),)),
        Dish("Pizza Margherita", 990, (SIZE,), (add("Burrata", 300), without("Basilic"))),
        Dish("Pizza Quattro Formaggi", 1250, (SIZE,), (without("Gorgonzola"),)),
        Dish("Pizza Diavola", 1190, (SIZE,), (add("Jalapeños", 100), without("Oignons"))),
        Dish("Pizza à la crème, lardons fumés", 1230, (SIZE,), (without("Crème"), add("Champignons", 150))),
        Dish("Salade César", 950, (choice("Poulet", "Saumon fumé"),), (without("Croûtons"),)),
        Dish("Tiramisù", 550, side=True),
        Dish("Crème brûlée à la vanille", 590, side=True),
        Dish("Thé glacé pêche", 320, side=True),
        Dish("Limonade artisanale", 350, side=True),
    ),
    allergies=("Allergie aux arachides !", "Allergique au gluten, merci de faire attention", "Kein Sesam bitte, Allergie"),
    changes=(
        "Sans sel ajouté",
        "Bien cuite s'il vous plaît",
        "Sauce à part",
        "Pas de couverts",
        "Extra Besteck für 3 Personen",
    ),
    courtesies=(
        "Merci beaucoup !",
        "Sonnez deux fois, l'interphone est capricieux",
        "Bon courage pour le service",
        "Bitte vor die Tür",
    ),
    dish_notes=("bien cuite", "coupée en parts", "pas trop salé", "bouillon à part"),
    customers=("Lina D.", "Benoît M.", "Zoë K.", "Jürgen S.", "Amélie F.", "Søren P.", "Ana-María R.", "Chloé N."),
    phones=("+33170000001", "+33170000002", "+33170000003"),
    addresses=(
        "1 rue du Modèle",
        "28 avenue de l'Exemple",
        "7 bis impasse Fictive",
        "14 quai de l'Exercice",
    ),
    delivery_fee=290,
    packaging_fee=50,
    discount_steps=(0, 0, 200, 300),
    pickup=0.3,
)

# What a text can carry that must reach neither printer, screen nor spreadsheet as a command, and glyphs a ROM font lacks.
MENUS = {"sichuan": SICHUAN, "noodles": NOODLES_AND_PIZZA}  # by the cuisine a simulator names

HOSTILE = (
    "\x1b@\x1bp\x00\x19\xfa\x1dV\x00 ok?",
    "<b>gratis</b> <img src=x onerror=alert(1)> <CUT><PLUGIN>",
    '=1+1 =HYPERLINK("http://invalid.test","x") @SUM(A1)',
    "\U0001f336\ufe0f\U0001f336\ufe0f 多放辣 \U0001f469\u200d\U0001f373 \U0001f64f",
    "\u8bf7\u5199 \U00020bb7\u91ce\u5bb6 \u3402 \U00029f7d \u9fcd \u202eabc\u202c \u00a538",
    "非常长的备注,请耐心看完;" * 30,
)


def hostile(order: PretendOrder, chance: random.Random) -> PretendOrder:
    """The same order from a customer whose note is an attack, or merely hard to print."""
    return replace(order, note=chance.choice(HOSTILE))


def compose(menu: Menu, chance: random.Random) -> PretendOrder:
    """One plausible basket from `menu`, with its note and its discounts."""
    fulfilment = Fulfilment.PICKUP if chance.random() < menu.pickup else Fulfilment.DELIVERY
    delivered = fulfilment is Fulfilment.DELIVERY
    lines = _basket(menu, chance)
    worth = sum(line.price * line.quantity for line in lines)
    shop_discount = chance.choice([step for step in menu.discount_steps if step * 4 <= worth])
    return PretendOrder(
        lines=lines,
        note=_note(menu, chance),
        fulfilment=fulfilment,
        customer=chance.choice(menu.customers),
        phone=chance.choice(menu.phones),
        address=chance.choice(menu.addresses) if delivered else "",
        shop_discount=shop_discount,
        platform_discount=shop_discount // 2,
        delivery_fee=menu.delivery_fee if delivered else 0,
        packaging_fee=menu.packaging_fee,
    )


def _basket(menu: Menu, chance: random.Random) -> tuple[PretendLine, ...]:
    mains = [dish for dish in menu.dishes if not dish.side]
    sides = [dish for dish in menu.dishes if dish.side]
    chosen = chance.sample(mains, chance.choice((1, 1, 2, 2, 3, 4))) + chance.sample(sides, chance.choice((0, 1, 1, 2)))
    return tuple(_line(menu, dish, chance) for dish in chosen)


def _line(menu: Menu, dish: Dish, chance: random.Random) -> PretendLine:
    options = [chance.choice(group) for group in dish.choices]
    if dish.extras and chance.random() < 0.4:
        options.append(chance.choice(dish.extras))
    note = chance.choice(menu.dish_notes) if chance.random() < 0.08 and not dish.side else ""
    return PretendLine(dish.name, dish.price, chance.choice((1, 1, 1, 1, 2, 3)), tuple(options), note)


def _note(menu: Menu, chance: random.Random) -> str:
    """No note for half of the orders; else one or two wishes, an allergy in one order of ten."""
    wishes = [chance.choice(menu.allergies)] if chance.random() < 0.1 else []
    wishes += [chance.choice(menu.changes)] if chance.random() < 0.3 else []
    wishes += [chance.choice(menu.courtesies)] if chance.random() < 0.25 else []
    return ", ".join(wishes) if menu.currency == "EUR" else ",".join(wishes)
