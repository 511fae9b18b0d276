-- With what became of its letters so far.
SELECT r.replay_id, u.username AS requested_by, r.requested_at, r.selection, r.rate_per_s, r.state,
       r.finished_at, count(l.*) AS selected,
       count(*) FILTER (WHERE l.outcome = 'waiting') AS waiting,
       count(*) FILTER (WHERE l.outcome = 'sent') AS sent,
       count(*) FILTER (WHERE l.outcome = 'already_written') AS already_written,
       count(*) FILTER (WHERE l.outcome = 'refused') AS refused,
       count(*) FILTER (WHERE l.outcome = 'lost') AS lost,
       count(*) FILTER (WHERE l.outcome = 'parked') AS parked,
       count(*) FILTER (WHERE d.state = 'healed') AS healed
  FROM sluice.replays r
  JOIN sluice.users u ON u.user_id = r.requested_by
  LEFT JOIN sluice.replay_letters l USING (replay_id)
  LEFT JOIN sluice.dead_letters d USING (dead_letter_id)
 WHERE r.replay_id = %(replay_id)s
 GROUP BY r.replay_id, u.username
