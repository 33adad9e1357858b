-- Staging of a statement or a settlement: a fresh unlogged table; line_no follows the order in which COPY brings the lines.
DROP TABLE IF EXISTS :"lines";
DROP TABLE IF EXISTS :"resolved";
DROP TABLE IF EXISTS :"prior";
DROP TABLE IF EXISTS :"loose";
CREATE UNLOGGED TABLE :"lines" (
  line_no integer GENERATED ALWAYS AS IDENTITY,
  seq text, serial text, ref text, amount text, happened text, turn text, tail text
) WITH (autovacuum_enabled = off);
