-- Frozen once released: a test holds the SHA-256 of this file. docs/store-schema.md explains it.
-- Cloud services that were redeemed here, and requests for them that have no answer yet.

CREATE TABLE cloud (
    publisher TEXT NOT NULL,
    id        TEXT NOT NULL,
    body      TEXT NOT NULL,
    mac       BLOB NOT NULL,
    PRIMARY KEY (publisher, id)
) STRICT, WITHOUT ROWID;
