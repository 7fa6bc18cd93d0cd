-- Records of all files, the backups and the .gz ones, each once: the same uid
-- is in daemon.log and in the file of its stream. Run from the directory above
-- logs/, or write another path.
CREATE OR REPLACE VIEW records AS
SELECT DISTINCT ON (uid) *
FROM read_json(
  'logs/*.log*',
  format = 'newline_delimited', ignore_errors = true, union_by_name = true, maximum_object_size = 2097152,
  columns = {
    timestamp: 'TIMESTAMP', level: 'VARCHAR', logger: 'VARCHAR', message: 'VARCHAR',
    context: 'STRUCT(correlation_id VARCHAR, account_id VARCHAR, rule_id VARCHAR, event_type VARCHAR)',
    operation: 'VARCHAR', duration_ms: 'DOUBLE', threshold_ms: 'DOUBLE', status: 'VARCHAR', start_time: 'TIMESTAMP',
    action: 'VARCHAR', outcome: 'VARCHAR', breach_amount: 'DOUBLE',
    error: 'STRUCT("type" VARCHAR, message VARCHAR, stack VARCHAR)',
    trace_id: 'VARCHAR', span_id: 'VARCHAR', parent_span_id: 'VARCHAR', uid: 'VARCHAR'
  });

-- Operations, as risklog stats has them.
SELECT operation, count(*) AS calls, count(*) FILTER (status = 'error') AS errors,
       quantile_disc(duration_ms, 0.5) AS p50, quantile_disc(duration_ms, 0.95) AS p95, quantile_disc(duration_ms, 0.99) AS p99, max(duration_ms) AS longest
FROM records
WHERE operation IS NOT NULL
GROUP BY operation
ORDER BY sum(duration_ms) DESC;

-- One trace, in the order of time.
SELECT timestamp, level, logger, message, operation, duration_ms
FROM records
WHERE trace_id = (SELECT trace_id FROM records WHERE status = 'error' ORDER BY timestamp DESC LIMIT 1)
ORDER BY timestamp;

-- Breaches by account and rule, with the time from the trace's beginning to the
-- record that tells the outcome.
WITH begun AS (
  SELECT trace_id, min(least(timestamp, coalesce(start_time, timestamp))) AS at
  FROM records
  GROUP BY trace_id
), done AS (
  SELECT trace_id, context.account_id AS account, context.rule_id AS rule, max(timestamp) AS at, arg_max(outcome, timestamp) AS outcome
  FROM records
  WHERE outcome IS NOT NULL AND outcome <> 'pending'
  GROUP BY ALL
)
SELECT context.account_id AS account, context.rule_id AS rule, count(*) AS breaches, max(breach_amount) AS worst,
       count(*) FILTER (done.outcome = 'failed') AS failed,
       quantile_disc(date_diff('microsecond', begun.at, done.at) / 1000.0, 0.99) AS p99_ms
FROM records AS breach
JOIN begun USING (trace_id)
LEFT JOIN done ON done.trace_id = breach.trace_id AND done.account = context.account_id AND done.rule = context.rule_id
WHERE logger = 'risk_manager.enforcement' AND level = 'WARNING' AND context.rule_id IS NOT NULL AND operation IS NULL
GROUP BY ALL
ORDER BY breaches DESC;

-- Errors an hour.
SELECT date_trunc('hour', timestamp) AS hour, logger, count(*) AS errors
FROM records
WHERE regexp_matches(level, '^(ERROR|CRITICAL)')
GROUP BY ALL
ORDER BY hour;

-- What is slower than its threshold, by account.
SELECT context.account_id AS account, operation, count(*) AS slow, max(duration_ms - threshold_ms) AS worst_excess_ms
FROM records
WHERE duration_ms > threshold_ms
GROUP BY ALL
ORDER BY slow DESC;
