-- The sheet is open: its inflated size is known; the fact parsing-started rests on this.
UPDATE sluice.parses
   SET bytes_total = %(bytes_total)s
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s
