SELECT extract(epoch FROM min(next_at) - clock_timestamp())::float8
  FROM sluice.replays WHERE state = 'running'
