-- What a product's manifest says of graces and rearms, within the bounds of licensing/manifest.h.

ALTER TABLE products ADD COLUMN initial_grace_days INTEGER NOT NULL DEFAULT 30
    CHECK (initial_grace_days BETWEEN 0 AND 180);
ALTER TABLE products ADD COLUMN out_of_tolerance_days INTEGER NOT NULL DEFAULT 30
    CHECK (out_of_tolerance_days BETWEEN 0 AND 180);
ALTER TABLE products ADD COLUMN rearms INTEGER NOT NULL DEFAULT 3
    CHECK (rearms BETWEEN 0 AND 26);
ALTER TABLE products ADD COLUMN lab_reimages_per_year INTEGER NOT NULL DEFAULT 26
    CHECK (lab_reimages_per_year BETWEEN 0 AND 366);
