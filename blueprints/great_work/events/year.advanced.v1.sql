-- expect 1: the game is not in :from_year, or :to_year is not :years later
UPDATE timeline SET current_year = :to_year, anchor = anchor + :years::integer
WHERE current_year = :from_year AND :to_year = :from_year + :years;
