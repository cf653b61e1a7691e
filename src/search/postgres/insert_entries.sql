-- Documents ($5 to $7) and the places of their terms ($8 to $11, of the document at a place from 0).
WITH serial AS (
  UPDATE reeve_search SET documents = documents + $3::bigint, words = words + $4::bigint, next_serial = next_serial + $3::bigint
  WHERE ledger_id = $1::uuid AND number = $2
  RETURNING next_serial - $3::bigint AS first
), documents AS (
  INSERT INTO reeve_search_documents (ledger_id, number, key, entry, terms)
  SELECT $1::uuid, $2, d.key, (s.first + d.place - 1) << 20 | d.length, string_to_array(d.terms, ' ')
  FROM serial s, unnest($5::text[], $6::bigint[], $7::text[]) WITH ORDINALITY AS d (key, length, terms, place)
)
INSERT INTO reeve_search_postings (ledger_id, number, term, entry, places)
SELECT $1::uuid, $2, p.term, (s.first + p.place) << 20 | p.length, p.places
FROM serial s, (SELECT unnest($8::text[]) AS term, unnest($9::bigint[]) AS place, unnest($10::bigint[]) AS length,
                  unnest($11::bytea[]) AS places) AS p
