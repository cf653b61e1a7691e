INSERT INTO admin_adjustments (sequence, actor, subject, change, reason, adjusted_at)
VALUES (:sequence, :actor, :subject, :change, :reason, :at);
