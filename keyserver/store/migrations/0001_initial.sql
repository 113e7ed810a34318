-- The key server's first schema (docs/keyserver-schema.md). Frozen once released: a change is a new file.
-- Times are milliseconds since 1970 by the server's clock. Secrets appear only keyed under the pepper.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
    seq                INTEGER PRIMARY KEY AUTOINCREMENT,
    id                 TEXT NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    version            TEXT NOT NULL,
    released           INTEGER,
    needs_activation   INTEGER NOT NULL CHECK (needs_activation IN (0, 1)),
    excluded_platforms TEXT NOT NULL,
    qualifying_os      TEXT NOT NULL,
    key_group          INTEGER NOT NULL UNIQUE,
    token_group        INTEGER NOT NULL UNIQUE,
    manifest_version   INTEGER NOT NULL,
    created_at         INTEGER NOT NULL
) STRICT;

CREATE TABLE programs (
    id           TEXT PRIMARY KEY,
    title        TEXT NOT NULL,
    rule         TEXT NOT NULL,
    sharing      TEXT NOT NULL CHECK (sharing IN ('country', 'worldwide')),
    returnable   INTEGER NOT NULL CHECK (returnable IN (0, 1)),
    lease        INTEGER NOT NULL CHECK (lease IN (0, 1)),
    lease_days   INTEGER NOT NULL,
    renewal_days INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organizations (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE locations (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    organization TEXT NOT NULL REFERENCES organizations (id),
    id           TEXT NOT NULL,
    name         TEXT NOT NULL,
    country      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (organization, id)
) STRICT;

CREATE TABLE entitlements (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    product      TEXT NOT NULL REFERENCES products (id),
    program      TEXT NOT NULL,
    organization TEXT NOT NULL REFERENCES organizations (id),
    quantity     INTEGER NOT NULL CHECK (quantity >= 0),
    activations  INTEGER NOT NULL CHECK (activations >= 0),
    activate_by  INTEGER,
    country      TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE product_keys (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    entitlement TEXT NOT NULL REFERENCES entitlements (id),
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last5       TEXT NOT NULL,
    activations INTEGER NOT NULL CHECK (activations >= 0),
    used        INTEGER NOT NULL CHECK (used BETWEEN 0 AND activations),
    blocked     INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE machines (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT NOT NULL UNIQUE,
    product_key       TEXT NOT NULL REFERENCES product_keys (id),
    state             TEXT NOT NULL CHECK (state IN ('active', 'released')),
    counting_baseline TEXT NOT NULL,
    matching_baseline TEXT NOT NULL,
    counted           INTEGER NOT NULL,
    platform          TEXT NOT NULL,
    claimed_location  TEXT NOT NULL,
    claimed_country   TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    last_seen_at      INTEGER NOT NULL,
    resolved_at       INTEGER,
    return_due        INTEGER
) STRICT;
CREATE INDEX machines_by_key ON machines (product_key, seq);
CREATE INDEX machines_return_due ON machines (product_key, return_due) WHERE return_due IS NOT NULL;

-- Candidate search (by key and digest) and multiplicity (by digest).
CREATE TABLE machine_digests (
    digest      BLOB NOT NULL,
    product_key TEXT NOT NULL,
    machine     TEXT NOT NULL REFERENCES machines (id),
    PRIMARY KEY (digest, product_key, machine)
) STRICT, WITHOUT ROWID;
CREATE INDEX machine_digests_by_machine ON machine_digests (machine);

CREATE TABLE holders (
    machine       TEXT NOT NULL REFERENCES machines (id),
    device_key    TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    PRIMARY KEY (machine, device_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX holders_by_device ON holders (device_key);

CREATE TABLE licenses (
    id             TEXT PRIMARY KEY,
    machine        TEXT NOT NULL REFERENCES machines (id),
    product_key    TEXT NOT NULL REFERENCES product_keys (id),
    device_key     TEXT NOT NULL,
    ended          INTEGER NOT NULL CHECK (ended IN (0, 1)),
    lease_sequence INTEGER NOT NULL,
    issued_at      INTEGER NOT NULL,
    expires_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX licenses_by_machine ON licenses (machine);

-- Each issued lease and the one it followed: a tree that shows clones.
CREATE TABLE leases (
    license   TEXT NOT NULL REFERENCES licenses (id),
    sequence  INTEGER NOT NULL,
    after     INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (license, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    machine     TEXT NOT NULL REFERENCES machines (id),
    product_key TEXT NOT NULL REFERENCES product_keys (id),
    license     TEXT NOT NULL,
    device_key  TEXT NOT NULL,
    counted     INTEGER NOT NULL,
    returned    INTEGER NOT NULL CHECK (returned IN (0, 1)),
    continuity  TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    jws         TEXT NOT NULL
) STRICT;
CREATE INDEX receipts_by_machine ON receipts (machine, seq);

CREATE TABLE answers (
    device_key      TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash    BLOB NOT NULL CHECK (length(request_hash) = 32),
    status          INTEGER NOT NULL,
    body            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (device_key, idempotency_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE previews (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    product_key TEXT NOT NULL REFERENCES product_keys (id),
    device_key  TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    refusal     TEXT NOT NULL,
    count       INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX previews_by_key ON previews (product_key, at, device_key);
