-- What an administrator's console looks at, found without reading whole tables: keys of an entitlement, receipts of
-- a key or a kind, what counted lately, and leases that did not follow the one before them (two of a license at least
-- make a fork).

CREATE INDEX product_keys_by_entitlement ON product_keys (entitlement, seq);
CREATE INDEX receipts_by_key ON receipts (product_key, seq);
CREATE INDEX receipts_by_kind ON receipts (kind, seq);
CREATE INDEX receipts_counted ON receipts (at, counted) WHERE counted > 0;
CREATE INDEX leases_astray ON leases (license) WHERE after < sequence - 1;
