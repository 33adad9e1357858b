-- Staging: a fresh unlogged table for one file's lines; line_no follows the order in which COPY brings them.
DROP TABLE IF EXISTS :"lines";
DROP TABLE IF EXISTS :"resolved";
DROP TABLE IF EXISTS :"prior";
DROP TABLE IF EXISTS :"loose";
CREATE UNLOGGED TABLE :"lines" (
  line_no integer GENERATED ALWAYS AS IDENTITY,
  seq text, account text, holder text, due text, paid text, code text, note text, serial text, debited_on text, ref text,
  tail text
) WITH (autovacuum_enabled = off);
