"""The catalog's tables on OceanBase, spread over its partitions by document, item or number."""

from __future__ import annotations

from index.errors import CatalogUnusable
from index.oceanbase.connection import Connections
from index.store.schema import VERSION

_PARTITIONS = 8
_COLLATION = "utf8mb4_bin"
_ID, _FILE, _GROUP = "VARCHAR(96) NOT NULL", "VARCHAR(1024) NOT NULL", "VARCHAR(1024) NOT NULL"
_TABLES = {  # name → its columns in the order of index.store.schema, its keys, the column that parts it
    "state": ("`key` VARCHAR(64) PRIMARY KEY, value LONGTEXT NOT NULL", ""),
    "leases": ("name VARCHAR(64) PRIMARY KEY, holder VARCHAR(255) NOT NULL, until DATETIME(6) NOT NULL", ""),
    "files": (
        f"file VARCHAR(1024) PRIMARY KEY, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL, sha256 VARCHAR(64) NOT NULL,"
        f" reading INT NOT NULL, same_as {_FILE}, reason LONGTEXT NOT NULL, folder_group {_GROUP}, stated {_GROUP},"
        " checksum BIGINT NOT NULL, KEY files_by_copy (same_as)",
        "",
    ),
    "words": (
        "word VARCHAR(255) PRIMARY KEY, model VARCHAR(255) NOT NULL, passages INT NOT NULL, vector VARBINARY(16384) NOT NULL",
        "",
    ),
    "documents": (
        f"id VARCHAR(96) PRIMARY KEY, file {_FILE}, kind VARCHAR(32) NOT NULL, date VARCHAR(10) NOT NULL,"
        f" series VARCHAR(1024) NOT NULL, text LONGTEXT NOT NULL, record LONGTEXT NOT NULL, origin {_FILE},"
        f" checksum BIGINT NOT NULL, folder_group {_GROUP}, own_group {_GROUP},"
        " KEY documents_of_origin (origin), KEY documents_listed (date, kind)",
        "id",
    ),
    "items": (
        f"id VARCHAR(96) PRIMARY KEY, document_id {_ID}, section VARCHAR(1024) NOT NULL, record LONGTEXT NOT NULL,"
        " same_as VARCHAR(96), checksum BIGINT NOT NULL, rowid BIGINT NOT NULL AUTO_INCREMENT,"
        " KEY items_by_rowid (rowid), KEY items_of_document (document_id), KEY items_by_reprint (same_as)",
        "id",
    ),
    "contributors": (f"item_id {_ID}, name VARCHAR(1024) NOT NULL, KEY contributors_of_item (item_id)", ""),
    "regions": (f"item_id {_ID}, name VARCHAR(255) NOT NULL, KEY regions_of_item (item_id), KEY regions_by_name (name)", ""),
    "sketches": (f"hash BIGINT NOT NULL, item_id {_ID}, PRIMARY KEY (hash, item_id), KEY sketches_of_item (item_id)", ""),
    "passages": (
        f"number BIGINT PRIMARY KEY AUTO_INCREMENT, item_id {_ID}, start INT NOT NULL, `end` INT NOT NULL,"
        " role VARCHAR(32) NOT NULL, context LONGTEXT NOT NULL, `change` BIGINT NOT NULL, checksum BIGINT NOT NULL,"
        " KEY passages_of_item (item_id), KEY passages_by_change (`change`)",
        "number",
    ),
    "vectors": (
        "number BIGINT NOT NULL, model VARCHAR(255) NOT NULL, vector VARBINARY(16384) NOT NULL, PRIMARY KEY (number, model)",
        "number",
    ),
    "removed": ("number BIGINT PRIMARY KEY, `change` BIGINT NOT NULL, KEY removed_by_change (`change`)", ""),
    "figures": (
        f"item_id {_ID}, start INT NOT NULL, `end` INT NOT NULL, value DOUBLE NOT NULL, unit VARCHAR(64) NOT NULL,"
        " kind VARCHAR(16) NOT NULL, `change` INT NOT NULL, `each` VARCHAR(16) NOT NULL, subject VARCHAR(255) NOT NULL,"
        " level INT NOT NULL, label VARCHAR(2048) NOT NULL, context LONGTEXT NOT NULL, PRIMARY KEY (item_id, start)",
        "",
    ),
    "corrections": (
        f"number BIGINT PRIMARY KEY AUTO_INCREMENT, document_id {_ID}, kind VARCHAR(32) NOT NULL, words LONGTEXT NOT NULL,"
        " `before` INT NOT NULL, value LONGTEXT NOT NULL, made_by VARCHAR(255) NOT NULL, made_when VARCHAR(32) NOT NULL,"
        " undone_by VARCHAR(255) NOT NULL DEFAULT '', undone_when VARCHAR(32) NOT NULL DEFAULT '', checksum BIGINT NOT NULL,"
        " KEY corrections_of_document (document_id)",
        "",
    ),
    "as_read": ("document_id VARCHAR(96) PRIMARY KEY, record LONGTEXT NOT NULL, checksum BIGINT NOT NULL", ""),
}
_STATE = (
    "INSERT IGNORE INTO jb_state"
    " VALUES ('version', %s), ('change', '0'), ('lineage', CONCAT(UPPER(LEFT(MD5(UUID()), 16)), '.'))"
)
_ABOVE = {  # table → the column by which its rows go with those of another
    "items": ("document_id", "documents (id)"),
    "as_read": ("document_id", "documents (id)"),
    **dict.fromkeys(("contributors", "regions", "sketches", "passages", "figures"), ("item_id", "items (id)")),
    "vectors": ("number", "passages (number)"),
}


def prepare(connections: Connections) -> None:
    """Create the tables if there are none; raise CatalogUnusable for those of another version."""
    with connections.one() as db:
        if db.run("SELECT @@collation_database").fetchall()[0][0] != _COLLATION:  # others take A for a
            made = f"CREATE DATABASE {connections.address.name} CHARACTER SET utf8mb4 COLLATE {_COLLATION}"
            raise CatalogUnusable(f"这个库不分大小写，用不了：请删掉重建，{made}")
        for name, (columns, parted_by) in _TABLES.items():
            spread = f" PARTITION BY KEY({parted_by}) PARTITIONS {_PARTITIONS}" if parted_by else ""
            if name in _ABOVE:
                column, above = _ABOVE[name]
                columns += f", FOREIGN KEY ({column}) REFERENCES jb_{above} ON DELETE CASCADE"
            db.run(f"CREATE TABLE IF NOT EXISTS jb_{name} ({columns}){spread}")
        db.run(_STATE, [str(VERSION)])
        version = int(db.execute("SELECT value FROM state WHERE key = 'version'").fetchall()[0][0])
    if version != VERSION:
        raise CatalogUnusable(f"数据库里是第 {version} 版格式，本程序用第 {VERSION} 版：请让所有机器用同一版程序")
