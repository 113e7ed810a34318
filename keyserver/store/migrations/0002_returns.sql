-- Each ended license owes its activation on its own: a machine may owe several at once, and saving a
-- machine's record cannot bring back what was given back already.

CREATE TABLE returns (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    machine     TEXT NOT NULL REFERENCES machines (id),
    product_key TEXT NOT NULL REFERENCES product_keys (id),
    due_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX returns_by_key ON returns (product_key, due_at);
CREATE INDEX returns_by_machine ON returns (machine, due_at);

INSERT INTO returns (machine, product_key, due_at)
    SELECT id, product_key, return_due FROM machines WHERE return_due IS NOT NULL ORDER BY seq;
DROP INDEX machines_return_due;
ALTER TABLE machines DROP COLUMN return_due;

CREATE VIEW machine_records AS
    SELECT *, (SELECT MIN(due_at) FROM returns WHERE returns.machine = machines.id) AS return_due
    FROM machines;
