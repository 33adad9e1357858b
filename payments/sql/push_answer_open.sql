-- Staging of an acknowledgement.
DROP TABLE IF EXISTS :"lines";
DROP TABLE IF EXISTS :"resolved";
DROP TABLE IF EXISTS :"prior";
DROP TABLE IF EXISTS :"loose";
CREATE UNLOGGED TABLE :"lines" (
  line_no integer GENERATED ALWAYS AS IDENTITY,
  seq text, ref text, taken text, reason text, tail text
) WITH (autovacuum_enabled = off);
