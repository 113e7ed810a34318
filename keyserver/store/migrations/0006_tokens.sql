-- Tokens redeem cloud services (rule K3); like product keys they appear only keyed under the pepper.
-- A redemption has a receipt, and is about no machine and no product key.

CREATE TABLE tokens (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    entitlement  TEXT NOT NULL REFERENCES entitlements (id),
    digest       BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last5        TEXT NOT NULL,
    service      TEXT NOT NULL,
    seats        INTEGER NOT NULL CHECK (seats >= 0),
    year_ends_at INTEGER NOT NULL,
    blocked      INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    redeemed_at  INTEGER,
    redeemed_by  TEXT NOT NULL,
    receipt      TEXT NOT NULL,
    answer       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    CHECK ((redeemed_at IS NULL) = (redeemed_by = ''))
) STRICT;
CREATE INDEX tokens_by_entitlement ON tokens (entitlement, seq);

-- The receipts as they were, in a table that asks for machine and product key no more.
CREATE TABLE receipts_5 (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    machine     TEXT REFERENCES machines (id),
    product_key TEXT REFERENCES product_keys (id),
    license     TEXT NOT NULL,
    device_key  TEXT NOT NULL,
    counted     INTEGER NOT NULL,
    returned    INTEGER NOT NULL CHECK (returned IN (0, 1)),
    continuity  TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    jws         TEXT NOT NULL,
    token       TEXT REFERENCES tokens (id),
    CHECK ((token IS NULL) = (machine IS NOT NULL AND product_key IS NOT NULL))
) STRICT;
INSERT INTO receipts_5 SELECT *, NULL FROM receipts ORDER BY seq;
DROP TABLE receipts;
ALTER TABLE receipts_5 RENAME TO receipts;
CREATE INDEX receipts_by_machine ON receipts (machine, seq);
