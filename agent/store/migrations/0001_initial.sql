-- Frozen once released: a test holds the SHA-256 of this file. docs/store-schema.md explains it.
-- Every row carries a MAC; "seal" in meta covers all of them and the journal's last link.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    mac   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE publisher (
    id   TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    mac  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
    publisher TEXT NOT NULL,
    product   TEXT NOT NULL,
    body      TEXT NOT NULL,
    mac       BLOB NOT NULL,
    PRIMARY KEY (publisher, product)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    number   INTEGER NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    product  TEXT NOT NULL,
    event    TEXT NOT NULL,
    detail   TEXT NOT NULL,
    document TEXT NOT NULL,
    link     BLOB NOT NULL
) STRICT;
