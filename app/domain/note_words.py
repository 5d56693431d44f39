"""The words by which a note is read: allergies, changes to the food, deliveries; here and abroad."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Traditional to simplified, for the characters that the patterns below use.
_SIMPLIFIED = str.maketrans(
    "過對無沒蝦麩質堅請門電話鈴號樓員遞達嚴萬斷會飯蔥鹽減別開單熱溫蠶藥產婦個還給頭連絕務絡聯擾檯臺櫃護辦學醫館兒園區車窗鏈發謝錯時間餐殼魚麥麵蘇貝蟹內臟薑蛋僅雞",
    "过对无没虾麸质坚请门电话铃号楼员递达严万断会饭葱盐减别开单热温蚕药产妇个还给头连绝务络联扰台台柜护办学医馆儿园区车窗链发谢错时间餐壳鱼麦面苏贝蟹内脏姜蛋仅鸡",
)
_AS_ASCII = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "ı": "i",
    }
)
SWELLS = 6  # characters that one may stand for: words in any script need four
_BETWEEN_HANZI = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")
_BESIDE_LATIN = re.compile(r"(?<=[㐀-鿿])(?=[a-z])|(?<=[a-z])(?=[㐀-鿿])")


@lru_cache(256)  # the note, its sentence and its clause are mostly one and the same text
def folded(text: str) -> str:
    """`text` as the patterns want it: one form of each letter (no case, accent, full width or traditional hanzi), one line.

    Controls and format characters are gone, and so is space between hanzi.
    """
    bare = unicodedata.normalize("NFKD", text.translate(_AS_ASCII))
    if len(bare) > SWELLS * len(text):  # ligatures that stand for a sentence each: reading them all would take half a minute
        bare = text
    kept = "".join(one for one in bare if one.isspace() or unicodedata.category(one) not in ("Mn", "Cc", "Cf"))
    line = _BETWEEN_HANZI.sub("", " ".join(kept.casefold().translate(_AS_ASCII).translate(_SIMPLIFIED).split()))
    return _BESIDE_LATIN.sub(" ", line)  # so that words end where hanzi begin


def _words(*patterns: str) -> re.Pattern[str]:
    """Any of the patterns, written in small letters without accents."""
    plain = unicodedata.normalize("NFKD", "|".join(patterns))
    return re.compile("".join(one for one in plain if unicodedata.category(one) != "Mn"))


_ALLERGENS = (
    r"(?:(?:tree ?|pea|pine|ground|chest|hazel|wal|coco)?nuts?|almonds?|cashews?|pistachios?|pecans?|dairy"
    r"|milk|cheese|butter"
    r"|cream|eggs?|soya?|soya? ?beans?|wheat|rye|barley|oats?|sesame|mustard|celery|lupin|shellfish|shrimps?"
    r"|prawns?|crabs?"
    r"|lobsters?|oysters?|mussels?|clams?|squid|crustaceans?|molluscs?|mollusks?|seafood|fish|sulph?fites?"
    r"|sulphites?|msg"
    r"|corn|kiwi|mango|latex|casein|whey|allergens?)"
)
ALLERGEN_EMOJI = "🥜🌰🦐🦀🦞🦪🦑🐟🥛🧀🥚🌾🫘"

ALLERGY = _words(
    r"(?:不含|无|避免)(?:任何|一切|所有)?(?:花生|坚果|果仁|海鲜|奶|蛋|麸|虾|蟹|芝麻|大豆|小麦|酒精)|会要.{0,2}命|会挂|出人命|唔食得",
    r"(?<!my )(?<!her )(?<!his )\b[dgn]\.?f\b|\ballegr[yi]|\baller[yi]\b|\bco?elic\b"
    r"|(?:noten|pinda|melk|ei|soja|tarwe|vis|zuivel)vrij",
    r"\bdi ung\b|แพ(?!ะ|ง)|حساسي",
    r"吃[^，,。.;；]{0,8}[会得要][进送]医院|会[进送]医院|人命关天|会头晕|呼吸(?:困难|不畅|急促)|[红皮丘湿]疹|[发皮肤咙]痒|蚕豆症",
    r"(?<![a-z])llerg|allegy|allegies|אלרג|एलर्ज|(?<!to )\bdeath\b|\brash(?:es)?\b|\b(?:swell(?:s|ing)|swollen)\b"
    r"|\b(?:end(?:s|ed)? up|land(?:s|ed)?|puts? (?:me|him|her|us)) in (?:the |a )?hospital|hospitali[sz]",
    # What it does to whoever eats it.
    r"[吃食喝碰沾][^，,。.;；]{0,8}(?:进 ?icu|(?:[会要得就叫]|打.{0,2})救护车)|[会就要]没命|丧命|抢救(?!室|中心|大?楼)"
    r"|(?:喉咙?|嗓子|嘴[巴唇]?|舌头?|[脸眼]睛?|皮肤|[全浑]身|身上)[都会就]?[红发起]?(?:肿|痒|疹)",
    r"\b(?:throat|tongue|lips?|mouth|airways?)\b.{0,12}\b(?:swell|clos(?:e[sd]?|ing)|tighten|itch)"
    r"|\b(?:end(?:s|ed)? up|land(?:s|ed)?) in (?:the )?(?:e\.?r|a&e|icu|emergency)\b"
    r"|\b(?:need|require|call)(?:s|ed)? (?:for )?(?:an |the )?ambulance",
    r"过[敏闵悯抿]|敏感|[不无]耐(?![烦心用放])|(?<!百无禁)忌(?![廉惮讳辰])|乳糖|麸质|蚕豆病|糖尿病|哮喘|痛风"
    r"|荨麻疹|窒息|休克|致命|会死|死人|送医(?!院)",
    r"[发起]疹|风团|会(?:肿|痒|吐|拉肚|晕)|(?<!没)[有起重]反应|交叉污染|发病",
    r"(?:花生|坚果|海鲜|虾|蟹|蛋|奶|芒果|酒精?|鱼|麸|豆).{0,2}(?:不行|不可以|不能)(?!放|加|送)",
    r"(?:不能|不可以?|不得|唔可以|不准|不许|不宜)(?:再|够|随便)?(?:吃|食|碰|沾|有|含|出现|接触到)"
    r"|[吃食碰沾喝](?:不了|不得|唔得)",
    r"al+erg|al+erj|alle?rg|allegic|al+er[dt]gy|anaphyl|anafil|epi-?pen|аллерг|алерг|αλλεργ|アレルキー"
    r"|アレルギー|알레르|알러지|uczul",
    r"intol+eran|nietoleran|unvertrag|vertrag\w{0,9} (?:kein|nicht)|g6pd|fauism|favism|phenylketon|\bpku\b"
    r"|asthma|diabet|\bhives\b",
    r"[ckz](?:o?e|eo|o)li[ae][ckqz]|(?:c|z)eli[ae]c|glut[ei]n|la(?:c|k|t)to[sz]|(?<!time[- ])sensitiv"
    r"|sensibilite a|\breactions?\b|react(?:s|ed)? (?:badly )?to",
    r"contaminat|contaminaz|kontamin|contaminac|cross[- ]contact|trace amounts?|traces? of"
    r"|medical (?:condition|reason|diet)",
    rf"\b{_ALLERGENS}[- ]?free\b|\bfree (?:of|from) (?:any |all )?(?!charge|cost|fees?\b)[a-z]|(?:nuss|milch"
    rf"|ei|soja|weizen|sesam|lupinen?|fisch)frei",
    r"\b(?:can(?:'?t|not| not)|must(?:n't| not)|mustnt|unable to|not able to|not allowed (?:to )?|shouldn't"
    r"|cant) ?(?:ever )?"
    r"(?:eat|have|consume|tolerate|touch|ingest|digest|contain|come (?:near|into))",
    r"\b(?:will|could|can|may|might|would|gonna) (?:die|kill)|life[- ]threat|deadly|deathly|severely ill"
    r"|makes? (?:me|him|her|us) (?:sick|ill)",
    r"ne (?:peux|peut|peuvent|dois|doit) pas (?:manger|consommer|en manger|avoir d)|ne (?:supporte|digere)"
    r"|no (?:puedo|puede|podemos) (?:comer|tomar)",
    r"non (?:posso|puo|possiamo) mangiare|nao (?:posso|pode) comer|(?:(?:darf|kann) keine?n?|darf nicht"
    r"|mag (?:geen|niet))\b",
    rf"[🚫❌⛔🙅✖].{{0,4}}[{ALLERGEN_EMOJI}]|[{ALLERGEN_EMOJI}].{{0,4}}[🚫❌⛔🙅✖]",
)
# Grave words that speak of the food, unless their clause speaks of nothing but the way to the door.
GRAVE = _words(
    r"千万|严禁|切勿|切忌|绝对[不别]|一[定律][不别]|[不别]能?(?:放|加)一点|(?:不能|不可以?|不得)(?:放|加)"
    r"|一点.{0,6}(?:都不|也不)",
    r"\b(?:absolutely|strictly|under no circumstances|never ever)\b",
)

_PLACES = (
    r"前台|门口|门外|大门|[侧后东南西北正]门|[0-9a-z一二三四五六七八九十百]{1,6}号? ?(?:门|楼|栋|幢|座|单元"
    r"|层|室)|单元|楼[下上道梯]|[一二三四五六七八九十]楼"
    r"|大厅|大堂|保安[室亭]?|门卫|传达室|岗亭|物业|[快外取餐递卖寄存]{0,4}柜子?|[外取餐卖]{0,4}架子?|护士站"
    r"|宿舍|教室|办公室|公司|酒店|医院|学校|小区|地铁站"
    r"|车库|电梯口?|窗口|超市|便利店|驿站|门把手?|门上|房间|病房|号房|桌[上子]?|椅子上|窗台|地上|车里|吧台"
    r"|这里|那里|原处|老地方"
)
_NEVER = r"(?:千万|请|麻烦)?(?:不要|不用|不必|不需要?|无需|无须|勿|别|免|莫|不能|不可|切勿|严禁|少)?再?"
_FILLER = r"[^不别少加免无去放送到多皮骨籽葱姜蒜辣冰油盐醋，,。;；]{0,12}?"
_ON_THE_WAY = (
    r"(?:(?:it|them|that|everything|the|my|our|your|order|food|bags?|package|delivery|outside|inside|in|at"
    r"|on|by|with|to|near|next|against|behind|front|back|of|a|please|just)\s+){0,9}"
)
DELIVERY = _words(
    rf"{_NEVER}(?:打|拨|按|敲|摁|拍)(?:我|客户|顾客|的){{0,6}}(?:电话|手机|门铃|铃|房?门)",
    r"(?:千万|请|麻烦)?(?:不要|不用|不必|无需|无须|勿|别|免)再?(?:打扰|扰|上楼|上门|催|迟到|超时"
    r"|送[错早晚到上]|洒|撒|倾斜|倒[置翻]|颠|晃|联系|电话|接触|下楼"
    r"|着?急|紧|慌|客气|忘|骗|太[早晚]|提前|取消|挂|吵|出声|等|餐具|筷子?|勺子?|吸管|纸巾|袋子?|塑料袋"
    r"|一次性|发票|小票|找零)",
    r"(?:不要|不用|别|勿)再?[按敲](?![照时])|[无零]接触|千万.{0,3}(?:准时|快|早|小心|注意|送到|记得)|(?:不要"
    r"|不能|别)洒",
    r"少年[宫馆]?|少儿\w{0,4}|少林寺?|少[先将校爷妇女]|多少|至少|减少|不少于|加油站?|加州|加拿大|多伦多"
    r"|免税店?|免费|避免|以免|难免|免得|免单|无锡|无线",
    rf"{_NEVER}(?:(?:请|帮忙?|可以|直接|先|就|自己|你|我){{0,6}}(?:去|到|在|送|放|搁|挂|存|寄存|交给|交到|拿到"
    rf"|送到|送去|送至|放在|放到|给|走|进|从|来|于){{1,6}})"
    rf"{_FILLER}(?:{_PLACES})",
    _PLACES,
    r"外卖员|骑手|快递|配送|送餐|取餐|代收|代取|自取|来取|下楼|上楼|到了|到达|导航|地址|路口|保安|餐具|筷子"
    r"|勺子|吸管|纸巾|发票|小票|抬头|打包袋|袋子",
    r"(?:please |pls |kindly )?(?:no|not|without|don'?t|do not|never|there is no|avoid)\b (?:need to "
    r"|have to |please )?(?:ring|knock|call|buzz|phone|text|contact|disturb|wake|leave (?:it|them"
    r"|the (?:food|bag|order)))\w*"
    r"(?: (?:me|us|the|my|our|on|at))*(?: (?:door ?bell|bell|door|buzzer|intercom))?",
    r"(?:no|zero)[- ]contact|contact[- ]?(?:less|free)|hands?[- ]free|feel free|toll[- ]free|stress[- ]free"
    r"|for free|free delivery|free of charge",
    rf"\b(?:leave|drop|put|place|hand|deliver|bring|come|take)\b(?: off)?\s+{_ON_THE_WAY}(?:door\w*|porch"
    rf"|reception|front desk|lobby|gate|concierge|steps?|mail ?room|desk|locker|shelf"
    r"|security|entrance|hall(?:way)?|table|counter|garage|side|ward|office|neighbou?r|car|stairs|floor)\b",
    r"\b(?:no|without|less)\b (?:need|light ?bulbs?|lights?|parking|lift|elevator|stairs?|buzzer|door ?bell"
    r"|bell|intercom|cutlery|utensils?|napkins?|plastic|straws?"
    r"|forks?|chopsticks|spoons?|bags?|rush|hurry|problem|worries|signal|change|tip|noise|number|entry|access"
    r"|later than|sooner than|than)\b|\bno\.? ?#?\d+|#\d+",
    r"\b(?:no )?more than\b|side (?:door|gate|entrance|street)|light is out|porch light|traffic lights?"
    r"|rare chance|mild weather|\bno one\b|\bno-one\b|nobody",
    r"\b(?:ring|door ?bell|knock|buzz(?:er)?|call (?:me|us|when|on)|text (?:me|us)|front (?:door|desk)"
    r"|at the door|reception|lobby|gate code|courier|driver|deliver\w*"
    r"|pick ?up|cutlery|utensils|napkins?|chopsticks|apartment|apt|flat|floor|entrance|parking|receipt|invoice)\b",
    r"(?:sans|pas de|ne (?:pas )?|inutile de|merci de ne pas) ?(?:sonner|contact|couverts?|appeler|frapper"
    r"|serviettes?)(?: pas)?|\bsonne[rz]\b|devant la porte|couverts",
    r"(?:nicht|ohne|keine?n?|bitte nicht) (?:klingeln|kontakt\w*|besteck|anrufen|klopfen|serviette\w*)"
    r"|klingel\w*|vor der tur|vor die tur|besteck",
    r"\b(?:no|sin|nao|sem) (?:tocar|toque|llamar|llame|contacto|contato|cubiertos|talheres|timbre|ligar)\b|timbre",
    r"\b(?:non|senza) (?:suonare|bussare|chiamare|contatto|posate)\b|citofon\w*|posate|bestek|niet (?:aan)?bellen",
)
COURTESY = _words(
    r"谢|感恩|辛苦|麻烦[您你]|拜托|尽快|快[点些一]|早[点些一]|准时|趁热|好吃|好评|生日快乐|新年|加油|老板"
    r"|生意兴隆|你好|您好|请问",
    r"\b(?:thanks?|thank you|thx|cheers|hello|hi|asap|hurry|happy|love|best|great|merci|bonjour|danke|hallo"
    r"|gracias|hola|obrigad[oa]|grazie|ciao|bedankt|tack)\b",
)
# What may stand beside words of delivery or courtesy without saying anything of its own.
EMPTY = _words(
    r"[就行好吧哦啊呀哈呢嘛的了着把您你我他她们再先都也会可以能要是在到时候后前里边旁外个位些点一下师傅小哥麻烦请帮忙直接即可]|电话|手机|联系",
    r"\b(?:you|when|arriv\w{1,4}|here|there|the|a|an|and|or|to|is|are|at|on|in|of|please|pls|my|our|your|i"
    r"|we|me|us|it|them|with|for|if|then|once"
    r"|after|before|just|very|much|so|outside|inside|twice|once|bell|phone|number|house|home|street|road|by|up"
    r"|down|from|side|left|right|advance|order|food)\b",
    r"[\W\d_]",
)
FOOD = _words(
    rf"\b{_ALLERGENS}\b|\b(?:garlic|onions?|coriander|cilantro|pork|beef|chicken|lamb|meat|sauce|salt|sugar"
    rf"|pepper|chil+i(?:es)?|spic[ey]|oil|honey|tomato(?:es)?|mushrooms?|bacon|ham|ice|rice|noodles?)\b",
    r"花生|坚果|腰果|核桃|杏仁|开心果|榛|芝麻|奶|蛋|大豆|黄豆|豆制?|小麦|虾|蟹|贝|海鲜|鱼|蛤|蚝|牡蛎|芒果|桃"
    r"|菠萝|猕猴桃|酒|味精|葱|姜|蒜|香菜|芫茜|辣|韭菜|木耳|香菇|蘑菇"
    r"|牛肉?|羊肉?|猪肉?|鸡肉?|花椒|胡椒|孜然|糖|盐|醋|酱|油|内脏|肥肉|面包|果仁",
)
CHANGE = _words(
    r"不要|不放|不加|不用[放加]|[别勿莫][放加搁]|不[吃食]|不辣|免|少|多[放加点些给来要一]|加"
    r"|去(?=[皮骨籽核刺壳头葱姜蒜冰辣腥油糖盐掉除香洋花芝奶蛋内])|走(?=[葱青冰甜糖蒜芫香酱])",
    r"[微中特重麻超]辣|辣|香菜|葱|另放|分开|分装|单独|全熟|[几生半全七八五]分?熟|[半无全少微][糖盐油冰]"
    r"|[三五七]分[糖甜]|常温|去冰|加热|清淡|[淡咸软脆烂嫩老甜酸]一?[点些]|切[开块片成]"
    r"|戒|清真|素食|纯素|吃素"
    r"|孕妇",
    r"\b(?:no|not|without|sans|pas de|extra|less|more|light|well done|rare|medium|bien cuite?|saignant"
    r"|a point|on the side|a part|spicy|mild|hold|omit|skip|remove"
    r"|leave (?:out|off)|instead|substitute|swap|replace|only|plain|double|half|ohne|keine?n?|mehr|weniger"
    r"|scharf|sin|senza|sem|con|piu|meno|zonder|geen|utan"
    r"|halal|kosher|vegan|vegetarian|pregnant|easy on|(?:don'?t|doesn'?t) (?:eat|like)"
    r"|don'?t (?:add|put|use|include|want)|do not (?:add|put"
    r"|use|include))\b",
)
CONTRAST = _words(
    r"除|但|只|就|不过|可是|仅|而|\b(?:except|but|besides|only|however|apart|unless|aside|other than|sauf"
    r"|mais|ausser|aber|excepto|pero|tranne|ma|behalve)\b"
)
GOES_ON = _words(r"^(?:and|or|nor|和|或|及|与|还有|以及|et|ou|und|oder|y|o|e|ni)\b")

_THANKS = r"(?:谢谢|多谢|[哦啊呀哈的了]|thanks?(?:\ you)?|please|pls|merci|danke|gracias|grazie|[\s.!~]){0,6}"
_SUBJECT = r"(?:(?:i|we|he|she|they|there)(?:\s?(?:'ve|'re|'m|have|has|am|are|is|got))?\s)?"
_NOUN = r"(?:allerg(?:y|ies|ens?|ic)|intoleran(?:ces?|t)|(?:dietary\s)?(?:restriction|requirement)s?)"
_NONE = rf"""
      (?:我们?|本人|家人|大家|顾客|宝宝)? [都均也]? (?:没有?|无|不会?|不存在)
      (?:任何|什么|啥|特别|食物|对任何食物|对?任何东西){{0,4}}
      (?:过敏|忌口|敏感) (?:史|源|原|物|食物|食材|反应|情况){{0,2}}
      (?:[、和或及/ ]?[没无]?有?(?:忌口|过敏)(?:史|源|原|物)?){{0,3}}
    | (?:食物)? (?:过敏|忌口) (?:史|源|原|物|食物|情况)? [ ]*[:;?=-]*[ ]* (?:无|没有?|none|no)
    | {_SUBJECT} (?:no|not|without|zero|nil|(?:do(?:es)?n'?t|do[ ]not|does[ ]not)[ ]have|haven'?t[ ]got)[ ]+(?:any[ ]+)?
      (?:(?:known|food|dietary|specific|special)[ ]+){{0,3}} {_NOUN}
      (?:[ ]*(?:or|and|nor|/|&)[ ]*(?:no[ ]|any[ ])?{_NOUN}){{0,3}}
      (?:[ ]+(?:at[ ]all|whatsoever|known|here|to[ ](?:anything|note|report|declare|mention|speak[ ]of|food)
      |in[ ](?:the|our|my)[ ](?:family|house|household|party|group)
      |for[ ](?:me|us|this[ ]order|anyone))){{0,3}}
    | (?:any[ ])?(?:food[ ])? {_NOUN} [ ]*[:;?=-]*[ ]* (?:none|no|nil|nope|n/?a)
    | (?:je[ ]n'ai[ ]|nous[ ]n'avons[ ])?
      (?:pas[ ]d'|aucune?s?[ ]|sans[ ]) allergies? (?:[ ](?:alimentaires?|connues?)){{0,2}}
    | pas[ ]allergiques?
    | (?:(?:ich[ ]habe|wir[ ]haben)[ ])? keine(?:rlei)?[ ](?:bekannten?[ ])?(?:lebensmittel-?)?allergien?
    | (?:no[ ]tengo|no[ ]tenemos|sin|ninguna|nao[ ]tenho|sem|nenhuma)[ ]alergias?(?:[ ](?:alimentari[ao]s?|conocidas?))?
    | (?:non[ ]ho|nessuna|senza|no)[ ]allergi[ae](?:[ ]alimentari)? | (?:ik[ ]heb[ ])?geen[ ]allergie(?:en|s)?
"""
# Only a clause of its own says that there is none: "no allergies to nuts" may mean anything.
NO_ALLERGY = re.compile(rf"(?:^|(?<=[。.,;!?，]))\s*(?:{_THANKS}(?:{_NONE}){_THANKS})\s*(?=[。.,;!?，]|$)", re.VERBOSE)
