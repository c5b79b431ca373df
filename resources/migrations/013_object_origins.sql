-- Objects of before get an id; who made them stands in the audit trail, if it does at all.
CREATE TEMPORARY TABLE maker AS
SELECT object, actor, max(sequence) AS sequence FROM audit WHERE verb LIKE '%.create' GROUP BY object;

CREATE INDEX temp.maker_by_object ON maker (object);

ALTER TABLE node_group ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE node_group ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE node_group SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'node-group/' || name), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE node_image ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE node_image ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE node_image SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'node-image/' || name), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE plan_item ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE plan_item ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE plan_item SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = kind || '/' || id), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE region ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE region ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE region SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'region/' || name), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE deployment ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE deployment ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE deployment SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'deployment/' || name), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE provision ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE provision ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE provision SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'provision/' || node_group || '/' || guid), CASE version WHEN 1 THEN updated_by ELSE '' END);

ALTER TABLE account ADD COLUMN uid TEXT NOT NULL DEFAULT '';

ALTER TABLE account ADD COLUMN created_by TEXT NOT NULL DEFAULT '';

UPDATE account SET uid = lower(hex(randomblob(10))), created_by = coalesce(
    (SELECT actor FROM maker WHERE object = 'account/' || name), CASE version WHEN 1 THEN updated_by ELSE '' END);

DROP TABLE temp.maker;
