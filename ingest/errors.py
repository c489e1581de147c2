"""What can go wrong while a file is read.

IngestError
├── Unreadable          this file cannot be read; its message is the reason in the report
│   ├── NotNow          it can be read later, or once another program is installed
│   └── Spent           it costs more than a file may: nothing more of it is read
├── FolderMissing       there is no such folder to sync
└── OtherFolder         another folder than before is to be synced, which would take out files
"""


class IngestError(Exception):
    """Base of all errors of reading; the message is Chinese and says what to do."""


class Unreadable(IngestError):
    """The file cannot be read, and nothing of it is indexed."""


class NotNow(Unreadable):
    """The file cannot be read at present; the next sync tries it again, although the file has not changed."""


class Spent(Unreadable):
    """A file costs more to read than one may, with all that is nested in it; what was read of it before stays."""


class OtherFolder(IngestError):
    """Another folder than the indexed one is to be synced, and files that are indexed are not in it."""


class FolderMissing(IngestError):
    """The folder that should be synced does not exist or is no folder."""
