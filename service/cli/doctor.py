"""jianbao doctor: check that all a service needs is there and works; say what fails and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from index.errors import IndexingError
from service import VERSION
from service.audit.log import FOLDER
from service.errors import Refused
from service.keys.registry import Keys
from service.settings import Settings

_LEAST_SPACE = 2 << 30  # bytes; a backup and rebuilt views need room beside the existing ones
_LEAST_MEMORY = 2 << 30
_TEXT = "缙云县以来料加工共富工坊把活送到村民家门口"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    well: bool
    found: str
    remedy: str = ""  # what to do about it


def _program(_settings: Settings) -> Iterator[Check]:
    missing = []
    for requirement in map(Requirement, requires("jianbao") or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                version(requirement.name)
            except PackageNotFoundError:
                missing.append(requirement.name)
    what = f"简报 {VERSION}，Python {platform.python_version()}，{platform.system()} {platform.machine()}"
    yield Check("程序", not missing, what, f"缺少这些包：{'、'.join(missing)}。请重新安装" if missing else "")


def _machine(settings: Settings) -> Iterator[Check]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    few = memory < _LEAST_MEMORY
    what = f"{os.cpu_count()} 个处理器，内存 {memory / 2**30:.1f} GB"
    yield Check("机器", not few, what, "内存少于 2 GB：大的索引会放不下" if few else "")
    for name, folder in (("数据文件夹的空间", settings.data), ("临时文件夹的空间", Path(os.environ.get("TMPDIR") or "/tmp"))):  # noqa: S108
        free = shutil.disk_usage(_existing(folder)).free
        remedy = "备份和重新生成索引要有空间：请腾出 2 GB 以上" if free < _LEAST_SPACE else ""
        yield Check(name, free >= _LEAST_SPACE, f"{folder}：剩 {free / 2**30:.1f} GB", remedy)


def _folders(settings: Settings) -> Iterator[Check]:
    for name, folder in (("数据文件夹", settings.data), ("模型文件夹", settings.cache), ("审计日志", settings.data / FOLDER)):
        writable = os.access(_existing(folder), os.W_OK)
        yield Check(name, writable, str(folder.resolve()), "" if writable else "不能写：请检查所有者和权限")
    if settings.config and settings.llm_key + settings.encoder_key + settings.store_password:
        open_to_all = bool(settings.config.stat().st_mode & stat.S_IROTH)
        remedy = f"里面有密钥，而这台机器上谁都能读：chmod o-r {settings.config}" if open_to_all else ""
        yield Check("配置文件", not open_to_all, str(settings.config), remedy)


def _keys(settings: Settings) -> Iterator[Check]:
    keys = Keys(settings.data)
    active = keys.listed()
    expired = [key.name for key in active if key.has_expired]
    what = f"{len(active)} 个" if keys.any() else "还没有：本机可以直接使用，别的机器要先有密钥"
    yield Check("密钥", not expired, what, f"已过期：{'、'.join(expired)}。请新建或撤销" if expired else "")


def _model(settings: Settings) -> Iterator[Check]:
    from service.opening import open_encoder

    encoder = open_encoder(settings, lambda _message: None)
    encoder.query(_TEXT)
    began = time.perf_counter()
    encoder.query(f"{_TEXT}，农户在家就能挣钱")
    yield Check("检索用的模型", True, f"{encoder.name}，编码一个问题 {(time.perf_counter() - began) * 1000:.0f} 毫秒")


def _index(settings: Settings) -> Iterator[Check]:
    from index.upkeep.verify import verify
    from service.opening import open_catalog

    catalog = open_catalog(settings)
    counts, found = catalog.counts(), verify(catalog, lambda _message: None)
    what = f"{counts['documents']} 份文件、{counts['items']} 个条目、{counts['passages']} 个段落"
    problems = "；".join(f"{problem.what}（请运行 {problem.mend}）" for problem in found.problems)
    yield Check("索引", not found.problems, what, problems)
    if waiting := {name: count for name, count in found.pending.items() if count}:
        yield Check("收录", True, f"文件夹里有变化（{waiting}），下次 jianbao sync 时收录")


def _audit(settings: Settings) -> Iterator[Check]:
    from service.audit.chain import check_chain

    chain = check_chain(settings.data)
    what = f"{chain.lines} 行，一行接一行" + (f"；还有旧版本写的 {chain.earlier} 行" if chain.earlier else "")
    yield Check("审计记录", not chain.faults, what, "；".join(chain.faults[:3]))


def _groups(settings: Settings) -> Iterator[Check]:
    from index.store.groups import folder_groups
    from service.opening import configured_rules, open_catalog

    rules, catalog = configured_rules(settings), open_catalog(settings)
    if rules is None:
        return
    folder, group_of = Path(catalog.state("folder")), folder_groups(rules)
    listed = [(group, path) for group, paths in (settings.groups or {}).items() for path in paths]
    missing = [path for _, path in listed if not (folder / path).exists()]
    counts = Counter(group_of(file) for file in catalog.stamps())
    what = "、".join(f"{group} {counts[group]} 个文件" for group in ("公开", *rules))
    remedy = f"没有这些文件夹：{'、'.join(missing)}。里面的文件若在别处，现在是公开的：请改正配置" if missing else ""
    yield Check("文件分组", not missing, what, remedy)


def _chat(settings: Settings) -> Iterator[Check]:
    if not settings.llm_url:
        yield Check("语言模型", True, "没有设：回答摘录原文")
        return
    from answer.language_model import ChatFailed, ChatModel

    asked = [{"role": "user", "content": "请只回答一个字：好"}]
    try:
        reply = "".join(ChatModel(settings.llm_url, settings.llm_model, settings.llm_key).stream(asked))
    except ChatFailed as error:
        yield Check("语言模型", False, settings.llm_url, f"没有回应（{error}）：这时回答只摘录原文")
        return
    yield Check("语言模型", bool(reply), f"{settings.llm_url}，{settings.llm_model}")


_CHECKS: dict[str, Callable[[Settings], Iterator[Check]]] = {
    "程序": _program, "机器": _machine, "文件夹": _folders, "密钥": _keys, "检索用的模型": _model, "索引": _index,
    "文件分组": _groups, "审计记录": _audit, "语言模型": _chat,
}  # fmt: skip


def examine(settings: Settings) -> list[Check]:
    """Run all checks, the simplest first; an error in one does not stop the others."""
    found: list[Check] = []
    for name, check in _CHECKS.items():
        try:
            found += check(settings)
        except (IndexingError, Refused, OSError) as error:
            found.append(Check(name, False, str(error)))
    return found


def _existing(folder: Path) -> Path:
    """Return the folder, or its nearest parent that exists."""
    folder = folder.resolve()
    while not folder.exists():
        folder = folder.parent
    return folder
