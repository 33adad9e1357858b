-- Candidates whose fields are not plain Chinese characters and digits: the writer of the file decides whether they fit.
SELECT id, account, holder, amount, cross_bank, bank_name, cnaps, agreement_no
  FROM candidate
 WHERE reason IS NULL AND odd
 ORDER BY id;
