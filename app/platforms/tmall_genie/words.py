"""What the names in a skill's console mean to us: its intents, its slots and its ways to say yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.platforms.voice import Answer, Intent, Slot

# The skill's author names intents and slots in the console; the account form tells the English names. Chinese ones work too,
# with or without a trailing "intent".
INTENTS: Mapping[str, Intent] = {
    **{intent.value: intent for intent in Intent if intent not in (Intent.END, Intent.UNKNOWN)},
    "welcome": Intent.LAUNCH,
    "新订单": Intent.NEW_ORDERS,
    "下一单": Intent.NEXT_ORDER,
    "接单": Intent.ACCEPT,
    "出餐": Intent.READY,
    "售罄": Intent.SOLD_OUT,
    "营业额": Intent.TAKINGS,
    "暂停营业": Intent.PAUSE,
    "恢复营业": Intent.OPEN,
    "帮助": Intent.HELP,
    "退出": Intent.END,
}
SLOTS: Mapping[str, Slot] = {
    "daysn": Slot.NUMBER,
    "number": Slot.NUMBER,
    "单号": Slot.NUMBER,
    "platform": Slot.PLATFORM,
    "平台": Slot.PLATFORM,
    "dish": Slot.DISH,
    "菜名": Slot.DISH,
}
NAMES = {Slot.NUMBER: "daySn", Slot.PLATFORM: "platform", Slot.DISH: "dish"}  # how we ask for them
YES_NO = "yesno"  # protocol 1.0 has no confirmation of its own: a slot of this name carries the answer
_YES = frozenset({"yes", "ok", "confirm", "confirmed", "是", "是的", "好", "好的", "对", "确认", "确定", "可以", "接", "要"})
_NO = frozenset({"no", "deny", "denied", "否", "不", "不是", "不要", "不用", "不接", "取消", "算了", "不对"})
# A whole sentence that says nothing but yes: 不确定 and 是什么 hold words of a yes too.
# Possessive: a stranger's sentence must not take long.
_NOTHING_BUT_YES = re.compile(f"嗯*+(?:(?>{'|'.join(sorted(_YES, key=len, reverse=True))})[的吧啊呀了嗯]*+)++")
_BETWEEN = re.compile(r"[\s,.!，。！、]+")
_AGAINST = ("不", "别", "否", "没", "取消", "算了", "no", "don't", "den")


def intent_of(name: str) -> Intent:
    """The intent that a console's name stands for; UNKNOWN for any other."""
    folded = name.strip().casefold().removesuffix("intent").strip("_ ")
    return INTENTS.get(folded, Intent.UNKNOWN)


def slot_of(name: str) -> Slot | None:
    """The slot that a console's name stands for."""
    return SLOTS.get(name.strip().casefold())


def spoken_answer(slot: str, utterance: str) -> Answer:
    """The answer in a slot, if the sentence gives it too: slots live on for some turns, and an old yes is no yes."""
    found = answer_of(slot)
    return found if not utterance or found is _plainly(utterance) else Answer.NONE


def answer_of(words: str) -> Answer:
    """Yes, no, or neither: what is not plainly a yes is none."""
    folded = words.strip().strip("。.!！").casefold()
    if folded in _YES:
        return Answer.YES
    return Answer.NO if folded in _NO else Answer.NONE


def _plainly(utterance: str) -> Answer:
    folded = _BETWEEN.sub("", utterance.casefold())
    if _NOTHING_BUT_YES.fullmatch(folded):
        return Answer.YES
    return Answer.NO if any(word in folded for word in _AGAINST) else Answer.NONE
