"""What can go wrong in the index.

IndexingError
├── ModelUnavailable    the encoder cannot be loaded or reached
│   └── TextRefused     it works, but not on this text
├── CatalogUnusable     the data folder is damaged, of another version, or cannot be written
├── ViewsUnusable       the views cannot be brought up to date; the earlier ones still serve
├── Superseded          a writer has saved a later state meanwhile: read again
├── Busy                another process is writing
└── BadCorpus           a BEIR folder to evaluate on cannot be read
"""


class IndexingError(Exception):
    """Base of all errors of the index; the message is Chinese and says what to do."""


class ModelUnavailable(IndexingError):
    """The encoder cannot be loaded or reached."""


class TextRefused(ModelUnavailable):
    """The encoder works, but has no vector for one of these texts."""


class CatalogUnusable(IndexingError):
    """The data folder is damaged, of another version, or cannot be written."""


class ViewsUnusable(IndexingError):
    """The views cannot be made or brought up to date, perhaps for want of space."""


class Superseded(IndexingError):
    """The saved views are all of later states of the catalog than the one being read."""


class Busy(IndexingError):
    """Another process is writing to the data folder."""


class BadCorpus(IndexingError):
    """A BEIR folder lacks a file or contains a line that cannot be read."""


NO_SPACE = "索引跟不上目录库，临时文件夹可能满了或不能写：请腾出空间，或用环境变量 TMPDIR 另指一个文件夹"
DAMAGED = "目录库已损坏，不再使用：请用 jianbao restore 恢复备份，或换一个数据文件夹重新运行 jianbao sync"
