-- What a grace has cost belongs to product and hardware, without any activation. Leases say which
-- kind of OS asked for them, and which of them ended a fork.

ALTER TABLE products ADD COLUMN rearm_ledger INTEGER NOT NULL DEFAULT 1
    CHECK (rearm_ledger IN (0, 1));
ALTER TABLE licenses ADD COLUMN adopt_next INTEGER NOT NULL DEFAULT 0 CHECK (adopt_next IN (0, 1));
ALTER TABLE leases ADD COLUMN platform TEXT NOT NULL DEFAULT '';
ALTER TABLE leases ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1));

CREATE TABLE ledgers (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT NOT NULL UNIQUE,
    product           TEXT NOT NULL REFERENCES products (id),
    matching_baseline TEXT NOT NULL,
    first_grace_at    INTEGER NOT NULL,
    graces            TEXT NOT NULL,
    rearms_used       INTEGER NOT NULL CHECK (rearms_used >= 0),
    forgiven_from     INTEGER,
    period_began_at   INTEGER NOT NULL,
    extended          INTEGER NOT NULL CHECK (extended IN (0, 1)),
    frozen            INTEGER NOT NULL CHECK (frozen IN (0, 1)),
    grace_began_at    INTEGER NOT NULL,
    fresh_allowed     INTEGER NOT NULL CHECK (fresh_allowed IN (0, 1)),
    platform          TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    last_seen_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX ledgers_by_product ON ledgers (product, seq);

-- Candidate search, as for machines.
CREATE TABLE ledger_digests (
    digest  BLOB NOT NULL,
    product TEXT NOT NULL,
    ledger  TEXT NOT NULL REFERENCES ledgers (id),
    PRIMARY KEY (digest, product, ledger)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_digests_by_ledger ON ledger_digests (ledger);

CREATE TABLE ledger_devices (
    device_key    TEXT NOT NULL,
    ledger        TEXT NOT NULL REFERENCES ledgers (id),
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    PRIMARY KEY (device_key, ledger)
) STRICT, WITHOUT ROWID;
