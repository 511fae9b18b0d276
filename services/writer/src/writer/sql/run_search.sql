-- Goes on with a search for some time.
SELECT firsts, lasts, refused, states, messages, fields
  FROM pg_temp.sluice_search(%(lines)s::integer[], %(again)s::integer[], %(rivals)s::integer[],
                             %(for_s)s, %(firsts)s::integer[], %(lasts)s::integer[])
