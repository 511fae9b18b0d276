SELECT h.consumer, h.reason, h.halted_at, h.resumed_at, u.username AS resumed_by
  FROM sluice.consumer_halts h LEFT JOIN sluice.users u ON u.user_id = h.resumed_by
 ORDER BY h.consumer
