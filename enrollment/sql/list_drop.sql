DROP TABLE IF EXISTS :"rows", :"named";
