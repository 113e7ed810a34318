-- Rules E2, E5 and E6: caps on what may be granted, the version before the latest, headquarters and toolkits.

ALTER TABLE products ADD COLUMN previous_version TEXT NOT NULL DEFAULT '';
ALTER TABLE locations ADD COLUMN headquarters BIGINT NOT NULL DEFAULT 0 CHECK (headquarters IN (0, 1));
ALTER TABLE locations ADD COLUMN competency TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX locations_headquarters ON locations (organization) WHERE headquarters = 1;
ALTER TABLE entitlements ADD COLUMN purpose TEXT NOT NULL DEFAULT 'internal'
    CHECK (purpose IN ('internal', 'demonstration', 'training'));
ALTER TABLE entitlements ADD COLUMN location TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX entitlements_by_organization ON entitlements (organization, product, program);

-- A license stops a grace: what was left then is left still. Which role an installation claimed.
ALTER TABLE ledgers ADD COLUMN stopped_at BIGINT;
ALTER TABLE ledgers ADD COLUMN lab BIGINT NOT NULL DEFAULT 0 CHECK (lab IN (0, 1));

CREATE TABLE caps (
    product  TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    program  TEXT COLLATE "C" NOT NULL,
    country  TEXT COLLATE "C" NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (product, program, country)
);
