-- A file is done with its staging tables.
DROP TABLE IF EXISTS :"lines";
DROP TABLE IF EXISTS :"resolved";
DROP TABLE IF EXISTS :"prior";
DROP TABLE IF EXISTS :"loose";
