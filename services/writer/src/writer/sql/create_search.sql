-- Finds the staged rows that the table refuses, by halving as a writer does from outside, but without
-- its statements and answers for each part. Good parts stay written.
-- A part is from one place in sheet_lines to another, and the last of the list is next. After for_s
-- seconds the search comes back with what is left of the list: no statement lasts, others hear of it.
-- A row that is here `again` is left out of a part that its rival is in.
CREATE FUNCTION pg_temp.sluice_search(
    sheet_lines integer[], again integer[], rivals integer[],
    for_s double precision,
    INOUT firsts integer[], INOUT lasts integer[],
    OUT refused integer[], OUT states text[], OUT messages text[], OUT fields text[])
LANGUAGE plpgsql AS $search$
#variable_conflict use_column
<<part>>
DECLARE
    until timestamptz := clock_timestamp() + make_interval(secs => for_s);
    top integer := cardinality(firsts);
    first integer;
    last integer;
    low integer;
    high integer;
    message text;
    field text;
BEGIN
    refused := '{{}}';
    states := '{{}}';
    messages := '{{}}';
    fields := '{{}}';
    LOOP
        EXIT WHEN top = 0;
        first := firsts[top];
        last := lasts[top];
        low := sheet_lines[first];
        high := sheet_lines[last];
        top := top - 1;
        BEGIN
            INSERT INTO {table} AS held ({lineage_columns}{columns})
            SELECT {lineage_values}{staged_columns}
              FROM {stage} AS s
             WHERE s.sluice_line BETWEEN part.low AND part.high
               AND NOT EXISTS (SELECT
                                 FROM unnest(sluice_search.again, sluice_search.rivals) AS r (line, rival)
                                WHERE r.line = s.sluice_line
                                  AND r.rival BETWEEN part.low AND part.high)
             ORDER BY {order}
                ON CONFLICT {action};
        EXCEPTION WHEN others OR assert_failure THEN
            IF NOT left(SQLSTATE, 2) = ANY ({data_classes}) THEN
                RAISE;
            ELSIF first = last THEN
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, field = COLUMN_NAME;
                refused := refused || low;
                states := states || SQLSTATE;
                messages := messages || message;
                fields := fields || field;
            ELSE
                firsts[top + 1] := first + (last - first + 1) / 2;
                lasts[top + 1] := last;
                lasts[top + 2] := firsts[top + 1] - 1;
                firsts[top + 2] := first;
                top := top + 2;
            END IF;
        END;
        EXIT WHEN clock_timestamp() > until;
    END LOOP;
    firsts := firsts[:top];
    lasts := lasts[:top];
END $search$
