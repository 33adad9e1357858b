-- The staging tables of one list: its good rows, and the numbers of persons named by rows in error.
DROP TABLE IF EXISTS :"rows", :"named";
CREATE UNLOGGED TABLE :"rows" (line int NOT NULL, id_type text NOT NULL, number text NOT NULL, alias text NOT NULL,
  name text NOT NULL, initials text NOT NULL, gender text NOT NULL, birth date, person_class text NOT NULL,
  phone text NOT NULL, head text NOT NULL, relation text NOT NULL, town text NOT NULL, village text NOT NULL,
  address text NOT NULL, category text NOT NULL, day date);
CREATE UNLOGGED TABLE :"named" (number text NOT NULL);
