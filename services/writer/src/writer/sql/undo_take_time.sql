-- The transaction may scan the whole table, however long that takes; where its client dies meanwhile, it
-- ends (a server that cannot notice that refuses the setting).
SELECT set_config('statement_timeout', '0', true),
       set_config('client_connection_check_interval',
                  CASE WHEN version() LIKE '%linux%' THEN '2s' ELSE '0' END, true)
