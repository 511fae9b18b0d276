SELECT * FROM sluice.dead_letters WHERE dead_letter_id = %(dead_letter_id)s
