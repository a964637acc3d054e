"""Views made to be read by reviewers in `sqlite3` and `sqlite-utils`; part of the public API (docs/review.md)."""

VIEWS: dict[str, str] = {
    "alerts_recent": """
SELECT a.created_at AS at, a.reason, a.confidence, a.severity, i.base, i.country, i.date_from, i.date_to, i.weapons,
       e.title, e.url, e.source, a.incident_id, a.silenced_by, a.id AS alert_id, i.merged_into
FROM alert a JOIN incident i ON i.id = a.incident_id JOIN entry e ON e.id = a.entry_id
ORDER BY a.created_at DESC""",
    "matches_review": """
SELECT j.judged_at AS at, j.reason, j.label, round(j.score, 2) AS score, j.rule,
       json_extract(j.evidence, '$[0].sentence') AS sentence, j.why, e.title, e.url AS link, e.source, e.id AS entry_id
FROM judgement j JOIN entry e ON e.id = j.entry_id
WHERE j.flagged = 1 AND j.id = (SELECT max(id) FROM judgement WHERE entry_id = j.entry_id)
ORDER BY j.judged_at DESC""",
    "incidents_board": """
SELECT i.id, i.base, i.area, i.country, i.date_from, i.date_to, i.weapons,
       (SELECT count(DISTINCT m.entry_id) FROM mention m
         WHERE m.incident_id IN (SELECT i.id UNION ALL SELECT f.id FROM incident f WHERE f.merged_into = i.id)
           AND m.how IN ('opens', 'joins')) AS reports,
       (SELECT count(*) FROM alert a WHERE a.incident_id IN
         (SELECT i.id UNION ALL SELECT f.id FROM incident f WHERE f.merged_into = i.id)) AS alerts,
       (SELECT a.severity FROM alert a WHERE a.severity <> '' AND a.incident_id IN
         (SELECT i.id UNION ALL SELECT f.id FROM incident f WHERE f.merged_into = i.id)
         ORDER BY instr('low medium high critical', a.severity) DESC LIMIT 1) AS severity,
       i.first_seen_at, i.last_report_at, e.title AS first_title,
       (SELECT group_concat(what, '; ') FROM (SELECT CASE WHEN d.kind = 'merge' AND d.incident_id = i.id
             THEN 'merged ' || d.other_id || ' into it' WHEN d.kind = 'merge' THEN 'was merged into ' || d.incident_id
             WHEN d.incident_id = i.id THEN 'split ' || d.other_id || ' off' ELSE 'split off from ' || d.incident_id END
           || ': ' || d.why AS what FROM incident_edit d WHERE i.id IN (d.incident_id, d.other_id)
           ORDER BY d.id)) AS edits
FROM incident i JOIN entry e ON e.id = i.first_entry_id
WHERE i.merged_into = ''
ORDER BY i.last_report_at DESC""",
    "feeds_health": """
SELECT f.url, CASE WHEN s.gone THEN 'gone' WHEN NOT f.active THEN 'paused' WHEN s.failures > 0 THEN 'failing'
         WHEN s.last_ok_at IS NULL THEN 'never polled' ELSE 'ok' END AS state,
       s.last_ok_at, s.last_polled_at, s.next_poll_at, s.failures, s.last_status, s.last_error,
       (SELECT count(*) FROM entry e WHERE e.feed_id = f.id) AS entries,
       (SELECT max(first_seen_at) FROM entry e WHERE e.feed_id = f.id) AS newest_entry_at
FROM feed f LEFT JOIN feed_state s ON s.feed_id = f.id
ORDER BY s.failures DESC, f.url""",
    "deliveries_open": """
SELECT d.sink, d.state, d.attempts, d.next_attempt_at, d.not_before_at, d.batch, d.last_code, d.last_error,
       e.title, a.reason, d.created_at, d.id AS delivery_id
FROM delivery d JOIN alert a ON a.id = d.alert_id JOIN entry e ON e.id = a.entry_id
WHERE d.state NOT IN ('sent', 'cancelled')
ORDER BY d.created_at""",
}
